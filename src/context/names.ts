// Every name that trace context emits.
import type { EmittedName } from '../config/emitted-name.js';
import { defineMetric } from '../config/metric.js';

/** Default of `SIETCH_OTEL_TRACE_ID_HEADER`. */
export const HEADER_TRACE_ID = 'x-trace-id';

/**
 * In an answer the id of a trace that the called service keeps, in a request `1`: the caller asks
 * for its trace to be kept.
 */
export const HEADER_TRACE_KEEP = 'x-trace-keep';

/**
 * An id of the caller that is no trace id: attribute of the spans that enter the process, and key
 * of the baggage entry that carries it.
 */
export const ATTR_CORRELATION_ID = 'sietch.correlation_id';

/** The log fields, the same as those of `@opentelemetry/instrumentation-pino`. */
export const LOG_TRACE_ID = 'trace_id';
export const LOG_SPAN_ID = 'span_id';
export const LOG_TRACE_FLAGS = 'trace_flags';
export const LOG_CORRELATION_ID = 'correlation_id';

export const METRIC_TRACE_ID_HEADER_IGNORED = defineMetric({
  name: 'sietch.trace_id_header.ignored',
  instrument: 'counter',
  unit: '{request}',
  attributes: [],
  meaning: 'Requests whose `x-trace-id` was neither a trace id nor usable as a correlation id.',
});

export const contextNames: readonly EmittedName[] = [
  {
    type: 'attribute',
    name: ATTR_CORRELATION_ID,
    meaning:
      'The id in `x-trace-id` when it is no trace id; on SERVER and CONSUMER spans. The baggage entry of the same name carries it to queue workers and called services.',
  },
  METRIC_TRACE_ID_HEADER_IGNORED,
];
