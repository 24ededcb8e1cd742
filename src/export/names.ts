// The metrics of the distribution about its own spans, queues and exporters, by the names of the
// semantic conventions (1.45, model/otel/metrics.yaml).
import type { EmittedName, InstrumentKind } from '../config/emitted-name.js';
import { defineMetric, type Metric } from '../config/metric.js';

export const ATTR_COMPONENT_TYPE = 'otel.component.type';
export const ATTR_COMPONENT_NAME = 'otel.component.name';
export const ATTR_SAMPLING_RESULT = 'otel.span.sampling_result';
export const ATTR_PARENT_ORIGIN = 'otel.span.parent.origin';
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_SERVER_ADDRESS = 'server.address';
export const ATTR_SERVER_PORT = 'server.port';
export const ATTR_HTTP_STATUS = 'http.response.status_code';

const COMPONENT = [ATTR_COMPONENT_TYPE, ATTR_COMPONENT_NAME] as const;
const EXPORTER = [...COMPONENT, ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT] as const;

export const METRIC_SPAN_STARTED = defineMetric({
  name: 'otel.sdk.span.started',
  instrument: 'observable counter',
  unit: '{span}',
  attributes: [ATTR_SAMPLING_RESULT, ATTR_PARENT_ORIGIN],
  meaning: 'Spans that were started, those that are not recorded among them.',
});

export const METRIC_SPAN_LIVE = defineMetric({
  name: 'otel.sdk.span.live',
  instrument: 'observable up-down counter',
  unit: '{span}',
  attributes: [ATTR_SAMPLING_RESULT],
  meaning: 'Spans that are recorded and have not ended. Spans of pg and Redis that are made at their end are never among them.',
});

export const METRIC_LOG_CREATED = defineMetric({
  name: 'otel.sdk.log.created',
  instrument: 'observable counter',
  unit: '{log_record}',
  attributes: [],
  meaning: 'Log records that were emitted.',
});

export const METRIC_OPERATION_DURATION = defineMetric({
  name: 'otel.sdk.exporter.operation.duration',
  instrument: 'histogram',
  unit: 's',
  attributes: [...EXPORTER, ATTR_ERROR_TYPE, ATTR_HTTP_STATUS],
  meaning: 'Time of an export, from its first attempt to the end of the last, pauses included.',
});

export const METRIC_COLLECTION_DURATION = defineMetric({
  name: 'otel.sdk.metric_reader.collection.duration',
  instrument: 'histogram',
  unit: 's',
  attributes: [...COMPONENT, ATTR_ERROR_TYPE],
  meaning: 'Time of a collection of metrics, the callbacks of observable instruments included.',
});

export interface ExporterMetrics {
  readonly inflight: Metric<'observable up-down counter'>;
  readonly exported: Metric<'observable counter'>;
}

export interface ProcessorMetrics {
  readonly size: Metric<'observable up-down counter'>;
  readonly capacity: Metric<'observable up-down counter'>;
  readonly processed: Metric<'observable counter'>;
}

export const EXPORTER_METRICS = {
  span: exporterMetrics('span', '{span}', 'Spans'),
  log: exporterMetrics('log', '{log_record}', 'Log records'),
  metric_data_point: exporterMetrics('metric_data_point', '{data_point}', 'Data points of metrics'),
} as const;

export const PROCESSOR_METRICS = {
  span: processorMetrics('span', '{span}', 'Spans'),
  log: processorMetrics('log', '{log_record}', 'Log records'),
} as const;

function exporterMetrics(what: string, unit: string, things: string): ExporterMetrics {
  return {
    inflight: defineMetric({
      name: `otel.sdk.exporter.${what}.inflight`,
      instrument: 'observable up-down counter',
      unit,
      attributes: EXPORTER,
      meaning: `${things} that are being exported, or wait for a retry.`,
    }),
    exported: defineMetric({
      name: `otel.sdk.exporter.${what}.exported`,
      instrument: 'observable counter',
      unit,
      attributes: [...EXPORTER, ATTR_ERROR_TYPE],
      meaning: `${things} whose export has ended; with \`error.type\` those that the collector has not accepted.`,
    }),
  };
}

function processorMetrics(what: string, unit: string, things: string): ProcessorMetrics {
  const gauge = { instrument: 'observable up-down counter', unit, attributes: COMPONENT } as const;
  return {
    size: defineMetric({ ...gauge, name: `otel.sdk.processor.${what}.queue.size`, meaning: `${things} that wait in the queue.` }),
    capacity: defineMetric({
      ...gauge,
      name: `otel.sdk.processor.${what}.queue.capacity`,
      meaning: `${things} that the queue holds at most.`,
    }),
    processed: defineMetric({
      name: `otel.sdk.processor.${what}.processed`,
      instrument: 'observable counter',
      unit,
      attributes: [...COMPONENT, ATTR_ERROR_TYPE],
      meaning: `${things} that were passed to the exporter; with \`error.type\` those that were dropped: \`queue_full\`, \`queue_bytes\`, \`unencodable\` or \`already_shutdown\`.`,
    }),
  };
}

const allMetrics: readonly Metric<InstrumentKind>[] = [
  METRIC_SPAN_STARTED,
  METRIC_SPAN_LIVE,
  ...Object.values(PROCESSOR_METRICS.span),
  ...Object.values(EXPORTER_METRICS.span),
  METRIC_LOG_CREATED,
  ...Object.values(PROCESSOR_METRICS.log),
  ...Object.values(EXPORTER_METRICS.log),
  ...Object.values(EXPORTER_METRICS.metric_data_point),
  METRIC_OPERATION_DURATION,
  METRIC_COLLECTION_DURATION,
];

export const exportNames: readonly EmittedName[] = [
  ...allMetrics,
  { type: 'attribute', name: ATTR_COMPONENT_TYPE, meaning: 'Kind of the processor, exporter or reader, like `otlp_http_span_exporter`.' },
  {
    type: 'attribute',
    name: ATTR_COMPONENT_NAME,
    meaning: 'The kind and a number: the same processor or exporter for the life of the process.',
  },
  { type: 'attribute', name: ATTR_SAMPLING_RESULT, meaning: '`DROP`, `RECORD_ONLY` (in the flight recorder) or `RECORD_AND_SAMPLE`.' },
  { type: 'attribute', name: ATTR_PARENT_ORIGIN, meaning: '`none`, `local` or `remote`.' },
  {
    type: 'attribute',
    name: ATTR_ERROR_TYPE,
    meaning:
      'Why it failed: a status code (`400`), `rejected` (partial success), `unencodable`, a code of Node.js; of processors `queue_full`, `queue_bytes`, `already_shutdown`; of collections `timeout` or `error`.',
  },
  { type: 'attribute', name: ATTR_SERVER_ADDRESS, meaning: 'Host of the collector.' },
  { type: 'attribute', name: ATTR_SERVER_PORT, meaning: 'Its port.' },
  { type: 'attribute', name: ATTR_HTTP_STATUS, meaning: 'Status code of the last attempt of a failed export over HTTP.' },
];
