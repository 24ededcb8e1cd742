// Every name that the logging integration emits. The log fields trace_id, span_id, trace_flags and
// correlation_id are in context/names.ts.
import type { EmittedName } from '../../config/emitted-name.js';

export const loggingNames: readonly EmittedName[] = [];
