// Every name that the yaml integration emits.
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { SECONDS_BUCKETS } from '../../sdk/metrics/buckets.js';

export const SPAN_PARSE = 'yaml.parse';
export const ATTR_OPERATION = 'yaml.operation';

export const METRIC_DURATION = defineMetric({
  name: 'yaml.operation.duration',
  instrument: 'histogram',
  unit: 's',
  buckets: SECONDS_BUCKETS,
  attributes: [ATTR_OPERATION, ATTR_ERROR_TYPE],
  meaning: 'Duration of parsing one document.',
});

export const yamlNames: readonly EmittedName[] = [
  { type: 'span', name: SPAN_PARSE, kind: 'INTERNAL', meaning: 'One document, from the call to its value or its error.' },
  METRIC_DURATION,
  {
    type: 'attribute',
    name: ATTR_ERROR_TYPE,
    meaning: 'Code of the error, e.g. `BAD_INDENT`; never its message, which quotes the document.',
  },
];
