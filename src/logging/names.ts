// Every name that the logging integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const loggingNames: readonly EmittedName[] = [];
