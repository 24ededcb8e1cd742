// Every name that the http integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const httpNames: readonly EmittedName[] = [];
