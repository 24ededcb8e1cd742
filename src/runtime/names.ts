// Every name that the runtime integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const runtimeNames: readonly EmittedName[] = [];
