// Every name that the pg integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const pgNames: readonly EmittedName[] = [];
