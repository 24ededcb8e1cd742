// Every name that the queue integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const queueNames: readonly EmittedName[] = [];
