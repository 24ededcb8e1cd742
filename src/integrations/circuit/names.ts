// Every name that the circuit integration emits.
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { nameOf } from '../../config/renamed-names.js';
import { SECONDS_BUCKETS } from '../../sdk/metrics/buckets.js';

/** Attribute of the metrics: the breaker's name, bounded. */
export const LABEL_NAME = nameOf('breakerName');
export const LABEL_OUTCOME = nameOf('breakerOutcome');
/** The new state. */
export const LABEL_STATE = nameOf('breakerEntered');

/** Ends the name of the metric that each named breaker has for itself. */
export const NAMED_METRIC_SUFFIX = '_circuit_state';

export const ATTR_NAME = 'sietch.circuit_breaker.name';
export const ATTR_STATE = 'sietch.circuit_breaker.state';
export const ATTR_OUTCOME = 'sietch.circuit_breaker.outcome';
export const ATTR_REASON = 'sietch.circuit_breaker.reason';
export const ATTR_FAILURE_RATE = 'sietch.circuit_breaker.failure_rate';
export const ATTR_FAILURE_ERRORS = 'sietch.circuit_breaker.failure.errors';
export const ATTR_FAILURE_DURATIONS = 'sietch.circuit_breaker.failure.durations';
export const ATTR_FAILURE_TRACE_IDS = 'sietch.circuit_breaker.failure.trace_ids';
export const ATTR_NEXT_PROBE = 'sietch.circuit_breaker.next_probe';
export const ATTR_OPEN_DURATION = 'sietch.circuit_breaker.open.duration';
export const ATTR_ERROR_TYPE = 'error.type';

export const EVENT_OPEN = 'sietch.circuit_breaker.open';
export const EVENT_HALF_OPEN = 'sietch.circuit_breaker.half_open';
export const EVENT_CLOSE = 'sietch.circuit_breaker.close';
export const EVENT_FALLBACK_FAILED = 'sietch.circuit_breaker.fallback_failed';

/** Name of the span of a call, where such spans are on. */
export const spanName = (breaker: string): string => `circuit ${breaker}`;

const attribute = (name: string, meaning: string): EmittedName => ({ type: 'attribute', name, meaning });

export const METRIC_STATE = defineMetric({
  name: 'sietch.circuit_breaker.state',
  instrument: 'observable gauge',
  unit: nameOf('breakerStateUnit'),
  attributes: [LABEL_NAME],
  meaning: 'State of the breaker: 0 closed, 0.5 half-open, 1 open; NaN once it was shut down. The worst of those that share a name.',
});

export const METRIC_CALLS = defineMetric({
  name: 'sietch.circuit_breaker.calls',
  instrument: 'observable counter',
  unit: '{call}',
  attributes: [LABEL_NAME, LABEL_OUTCOME],
  meaning:
    'Calls by outcome: `success`, `failure`, `timeout`, `ignored` (failed with an error that does not count), `rejected` (not permitted: open), `at_capacity`, `cached`.',
});

export const METRIC_DURATION = defineMetric({
  name: 'sietch.circuit_breaker.call.duration',
  instrument: 'histogram',
  unit: 's',
  buckets: SECONDS_BUCKETS,
  attributes: [LABEL_NAME, LABEL_OUTCOME],
  meaning: 'Duration of the calls that were let through.',
});

export const METRIC_TRANSITIONS = defineMetric({
  name: 'sietch.circuit_breaker.transitions',
  instrument: 'observable counter',
  unit: '{transition}',
  attributes: [LABEL_NAME, LABEL_STATE],
  meaning: 'Changes of state, by new state: `open`, `half_open`, `closed`.',
});

export const METRIC_FALLBACKS = defineMetric({
  name: 'sietch.circuit_breaker.fallbacks',
  instrument: 'observable counter',
  unit: '{call}',
  attributes: [LABEL_NAME],
  meaning: 'Calls answered by the fallback.',
});

export const METRIC_FALLBACK_FAILURES = defineMetric({
  name: 'sietch.circuit_breaker.fallback.failures',
  instrument: 'observable counter',
  unit: '{call}',
  attributes: [LABEL_NAME],
  meaning: 'Calls whose fallback threw; counted for `CircuitBreaker` only.',
});

export const METRIC_FAILURE_RATE = defineMetric({
  name: 'sietch.circuit_breaker.failure_rate',
  instrument: 'observable gauge',
  unit: nameOf('breakerRateUnit'),
  attributes: [LABEL_NAME],
  meaning: "Share of failed calls in the breaker's rolling window, 0 to 1.",
});

export const METRIC_SLOW_CALL_RATE = defineMetric({
  name: 'sietch.circuit_breaker.slow_call_rate',
  instrument: 'observable gauge',
  unit: nameOf('breakerRateUnit'),
  attributes: [LABEL_NAME],
  meaning: 'Share of slow calls in the same window, 0 to 1.',
});

export const METRIC_NAMED_STATE = defineMetric({
  name: `{prefix}{name}${NAMED_METRIC_SUFFIX}`,
  instrument: 'observable gauge',
  unit: '',
  attributes: [],
  meaning: 'State of one named breaker, e.g. `sietch_paddle_circuit_state`: 0 closed, 0.5 half-open, 1 open; NaN once it was shut down.',
});

export const circuitNames: readonly EmittedName[] = [
  METRIC_STATE,
  METRIC_NAMED_STATE,
  METRIC_CALLS,
  METRIC_DURATION,
  METRIC_TRANSITIONS,
  METRIC_FALLBACKS,
  METRIC_FALLBACK_FAILURES,
  METRIC_FAILURE_RATE,
  METRIC_SLOW_CALL_RATE,
  {
    type: 'span',
    name: spanName('{name}'),
    kind: 'INTERNAL',
    meaning: 'One call through a breaker; only with `SIETCH_OTEL_CIRCUIT_SPANS=on`.',
  },
  attribute(ATTR_NAME, 'Name of the breaker; on the span that was active when a call ended, and on the metrics.'),
  attribute(ATTR_STATE, '`closed`, `half_open` or `open`: as the call found it; of `sietch.circuit_breaker.transitions`, the new one.'),
  attribute(ATTR_OUTCOME, 'Outcome of the call, as in the metric; a bad one stays when a good one follows in the same span.'),
  attribute(ATTR_REASON, 'Why the state changed: `failure_rate`, `probe_failed`, `probe_succeeded`, `manual`, `forced`, `restored`.'),
  attribute(ATTR_FAILURE_RATE, 'Share of failed calls in the window when the breaker opened.'),
  attribute(ATTR_FAILURE_ERRORS, 'The last failed calls that counted: class and code of the error, oldest first.'),
  attribute(ATTR_FAILURE_DURATIONS, 'Their durations in seconds.'),
  attribute(ATTR_FAILURE_TRACE_IDS, 'The trace ids of those of them that are in a sampled trace.'),
  attribute(ATTR_NEXT_PROBE, 'When the next call will be let through, ISO 8601.'),
  attribute(ATTR_OPEN_DURATION, 'How long the breaker was not closed, in seconds.'),
  { type: 'event', name: EVENT_OPEN, meaning: 'A breaker opened: event of the active span, log record at error.' },
  { type: 'event', name: EVENT_HALF_OPEN, meaning: 'Event of the span whose call is the probe.' },
  { type: 'event', name: EVENT_CLOSE, meaning: 'A breaker closed: event of the active span, log record at info.' },
  { type: 'event', name: EVENT_FALLBACK_FAILED, meaning: 'A fallback threw: log record at warn, at most once a minute for each breaker.' },
];
