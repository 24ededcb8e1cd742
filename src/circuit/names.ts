// Every name that the circuit integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const circuitNames: readonly EmittedName[] = [];
