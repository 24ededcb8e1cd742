// The names of what the flight recorder emits.
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';

export const ATTR_KEEP_REASON = 'sietch.keep.reason';
export const ATTR_KEEP_WHY = 'sietch.keep.why';
export const ATTR_DROPPED_SPANS = 'sietch.keep.dropped_spans';
/** How a recorded trace has left the ring; `kept`, or the type Loss. */
export const ATTR_OUTCOME = 'sietch.recorder.outcome';
/** The values are the type Refusal. */
export const ATTR_REFUSAL = 'sietch.recorder.refusal';

export const METRIC_RECORDED = defineMetric({
  name: 'sietch.recorder.recorded',
  instrument: 'observable counter',
  unit: '{trace}',
  attributes: [],
  meaning: 'Traces that head sampling did not keep, and that the flight recorder recorded.',
});

export const METRIC_TRACES = defineMetric({
  name: 'sietch.recorder.traces',
  instrument: 'observable counter',
  unit: '{trace}',
  attributes: [ATTR_OUTCOME],
  meaning: 'Of them, those whose fate is known.',
});

export const METRIC_KEPT = defineMetric({
  name: 'sietch.recorder.kept',
  instrument: 'observable counter',
  unit: '{trace}',
  attributes: [ATTR_KEEP_REASON],
  meaning: 'Of them, those that were sent.',
});

export const METRIC_REFUSED = defineMetric({
  name: 'sietch.recorder.refused',
  instrument: 'observable counter',
  unit: '{trace}',
  attributes: [ATTR_KEEP_REASON, ATTR_REFUSAL],
  meaning: 'Traces that had a reason and were not sent for it.',
});

export const METRIC_BYTES = defineMetric({
  name: 'sietch.recorder.bytes',
  instrument: 'observable gauge',
  unit: 'By',
  attributes: [],
  meaning: 'What the traces that wait in the ring take of it; of spans that are open, estimated.',
});

export const METRIC_WAITING = defineMetric({
  name: 'sietch.recorder.waiting',
  instrument: 'observable gauge',
  unit: '{trace}',
  attributes: [],
  meaning: 'Traces that wait in the ring.',
});

export const recorderNames: readonly EmittedName[] = [
  METRIC_RECORDED,
  METRIC_TRACES,
  METRIC_KEPT,
  METRIC_REFUSED,
  METRIC_BYTES,
  METRIC_WAITING,
  {
    type: 'attribute',
    name: ATTR_KEEP_REASON,
    meaning:
      'On the first span in this process of a trace that head sampling did not keep: why it was sent. `error`, `slow`, `slow_query`, `slow_command`, `retry`, `dead_letter`, `stalled`, `circuit_open`, `uncaught`, `log_error`, `app`, `caller` or `downstream`.',
  },
  { type: 'attribute', name: ATTR_KEEP_WHY, meaning: "Beside the reason `app`: the app's own words, of `TraceContext.keep()`." },
  {
    type: 'attribute',
    name: ATTR_DROPPED_SPANS,
    meaning: 'Beside the reason: spans of the trace that found no room (`SIETCH_OTEL_RECORDER_SPANS`).',
  },
  {
    type: 'attribute',
    name: ATTR_OUTCOME,
    meaning:
      '`kept`, `fallen_out` (nobody had a reason), `evicted` (the ring was full before its time) or `process_end` (it waited when the process ended).',
  },
  {
    type: 'attribute',
    name: ATTR_REFUSAL,
    meaning: '`rate_limit`, `queue_full` (the export queue has no room for more), or `too_late` (the trace had left the ring).',
  },
];
