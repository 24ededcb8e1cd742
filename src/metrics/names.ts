// Every name that the metrics endpoint emits.
import type { EmittedName } from '../config/emitted-name.js';

export const metricsNames: readonly EmittedName[] = [];
