// Every name that the circuit integration emits.
import type { EmittedName } from '../../config/emitted-name.js';

/** Attribute of the metrics: the breaker's name, bounded. */
export const LABEL_NAME = 'name';
export const LABEL_OUTCOME = 'outcome';
export const LABEL_TO = 'to';

export const METRIC_STATE = 'sietch.circuit_breaker.state';
export const METRIC_CALLS = 'sietch.circuit_breaker.calls';
export const METRIC_DURATION = 'sietch.circuit_breaker.call.duration';
export const METRIC_TRANSITIONS = 'sietch.circuit_breaker.transitions';
export const METRIC_FALLBACKS = 'sietch.circuit_breaker.fallbacks';
export const METRIC_FALLBACK_FAILURES = 'sietch.circuit_breaker.fallback.failures';
export const METRIC_FAILURE_RATE = 'sietch.circuit_breaker.failure_rate';
export const METRIC_SLOW_CALL_RATE = 'sietch.circuit_breaker.slow_call_rate';
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

export const circuitNames: readonly EmittedName[] = [
  {
    type: 'metric',
    name: METRIC_STATE,
    instrument: 'observable gauge',
    unit: '',
    attributes: [LABEL_NAME],
    meaning: 'State of the breaker: 0 closed, 0.5 half-open, 1 open; NaN once it was shut down. The worst of those that share a name.',
  },
  {
    type: 'metric',
    name: `{prefix}{name}${NAMED_METRIC_SUFFIX}`,
    instrument: 'observable gauge',
    unit: '',
    attributes: [],
    meaning: 'The same for one named breaker, e.g. `sietch_paddle_circuit_state`.',
  },
  {
    type: 'metric',
    name: METRIC_CALLS,
    instrument: 'observable counter',
    unit: '{call}',
    attributes: [LABEL_NAME, LABEL_OUTCOME],
    meaning:
      'Calls by outcome: `success`, `failure`, `timeout`, `ignored` (failed with an error that does not count), `rejected` (not permitted: open), `at_capacity`, `cached`.',
  },
  {
    type: 'metric',
    name: METRIC_DURATION,
    instrument: 'histogram',
    unit: 's',
    attributes: [LABEL_NAME, LABEL_OUTCOME],
    meaning: 'Duration of the calls that were let through.',
  },
  {
    type: 'metric',
    name: METRIC_TRANSITIONS,
    instrument: 'observable counter',
    unit: '{transition}',
    attributes: [LABEL_NAME, LABEL_TO],
    meaning: 'Changes of state, by new state: `open`, `half_open`, `closed`.',
  },
  {
    type: 'metric',
    name: METRIC_FALLBACKS,
    instrument: 'observable counter',
    unit: '{call}',
    attributes: [LABEL_NAME],
    meaning: 'Calls answered by the fallback.',
  },
  {
    type: 'metric',
    name: METRIC_FALLBACK_FAILURES,
    instrument: 'observable counter',
    unit: '{call}',
    attributes: [LABEL_NAME],
    meaning: 'Calls whose fallback threw; counted for `CircuitBreaker` only.',
  },
  {
    type: 'metric',
    name: METRIC_FAILURE_RATE,
    instrument: 'observable gauge',
    unit: '',
    attributes: [LABEL_NAME],
    meaning: "Share of failed calls in the breaker's rolling window, 0 to 1.",
  },
  {
    type: 'metric',
    name: METRIC_SLOW_CALL_RATE,
    instrument: 'observable gauge',
    unit: '',
    attributes: [LABEL_NAME],
    meaning: 'Share of slow calls in the same window, 0 to 1.',
  },
  {
    type: 'span',
    name: spanName('{name}'),
    kind: 'INTERNAL',
    meaning: 'One call through a breaker; only with `SIETCH_OTEL_CIRCUIT_SPANS=on`.',
  },
  attribute(ATTR_NAME, 'Name of the breaker, on the span that was active when a call ended.'),
  attribute(ATTR_STATE, '`closed`, `half_open` or `open`, as the call found it.'),
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
