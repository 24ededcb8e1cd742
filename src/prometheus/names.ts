// Every name that the metrics endpoint emits.
import type { EmittedName } from '../config/emitted-name.js';
import { defineMetric } from '../config/metric.js';

export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_REASON = 'sietch.metrics.reason';
export const ATTR_WORKER = 'sietch.worker';

export const METRIC_CALLBACK_FAILURES = defineMetric({
  name: 'sietch.metrics.callback.failures',
  instrument: 'counter',
  unit: '{failure}',
  attributes: [ATTR_ERROR_TYPE],
  meaning: 'Callbacks of observable instruments that were late (`timeout`) or threw (`error`) while the endpoint was scraped.',
});

export const METRIC_DROPPED = defineMetric({
  name: 'sietch.metrics.dropped',
  instrument: 'counter',
  unit: '{metric}',
  attributes: [ATTR_REASON],
  meaning:
    'Metrics left out of answers to scrapes: their type contradicts another of the same name (`conflict`), the answer is full (`size`), or the format cannot hold them (`format`).',
});

export const metricsNames: readonly EmittedName[] = [
  METRIC_CALLBACK_FAILURES,
  METRIC_DROPPED,
  { type: 'attribute', name: ATTR_ERROR_TYPE, meaning: 'Why a callback failed: `timeout` or `error`.' },
  { type: 'attribute', name: ATTR_REASON, meaning: 'Why a metric was left out: `conflict`, `size` or `format`.' },
  {
    type: 'attribute',
    name: ATTR_WORKER,
    meaning: 'On gauges, when one process is scraped for several: `primary`, or the number of the worker, which a replacement takes over.',
  },
];
