// Every name that trace context emits.
import type { EmittedName } from '../config/emitted-name.js';

export const contextNames: readonly EmittedName[] = [];
