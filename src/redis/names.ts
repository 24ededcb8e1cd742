// Every name that the redis integration emits.
import type { EmittedName } from '../config/emitted-name.js';

export const redisNames: readonly EmittedName[] = [];
