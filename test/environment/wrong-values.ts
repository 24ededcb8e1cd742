// A wrong value of each variable of OpenTelemetry's specification, and the line about it.
type Wrong = readonly [value: string, line: RegExp];

const SIGNALS = ['', 'TRACES_', 'METRICS_', 'LOGS_'];
const notOneOf = (words: string, using: string) =>
  new RegExp(` SIETCH002 .*expected (a comma-separated list of|one of) ${words}, got "maybe"; using ${using}`);
const notANumber = (value: string, using: string | number) =>
  new RegExp(` SIETCH002 .*expected an integer .*, got "${value}"; using ${using}`);

/** Those of one kind: `*` stands for each signal or kind of item, which falls back to the general form. */
function each(kinds: readonly string[], pattern: string, wrong: (using: string) => Wrong, using: string): Record<string, Wrong> {
  const general = pattern.replace('*', '');
  return Object.fromEntries(
    kinds.map((kind) => [pattern.replace('*', kind), wrong(kind === '' ? using : `${general}, or ${using} without it`)]),
  );
}

export const WRONG: Readonly<Record<string, Wrong>> = {
  OTEL_SDK_DISABLED: ['1', / SIETCH002 .*expected true or false, got "1"; using false/],
  OTEL_RESOURCE_ATTRIBUTES: ['team=a,broken', / SIETCH002 .*member 2 is no key=value; it is left out/],
  OTEL_LOG_LEVEL: ['maybe', notOneOf('none, error, warn, info, debug, verbose, all', 'warn')],
  OTEL_PROPAGATORS: ['maybe', notOneOf('.*', 'tracecontext,baggage')],
  OTEL_TRACES_SAMPLER: ['maybe', notOneOf('.*', 'parentbased_always_on')],
  OTEL_TRACES_SAMPLER_ARG: ['2', / SIETCH002 .*expected a number from 0 to 1, got "2"; using 1/],
  OTEL_BSP_SCHEDULE_DELAY: ['-1', notANumber('-1', 5000)],
  OTEL_BSP_EXPORT_TIMEOUT: ['1.5', notANumber('1.5', 30_000)],
  OTEL_BSP_MAX_QUEUE_SIZE: ['0', notANumber('0', 2048)],
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: ['2049', / SIETCH002 .*expected at most OTEL_BSP_MAX_QUEUE_SIZE \(2048\), got 2049; using 2048/],
  OTEL_BLRP_SCHEDULE_DELAY: ['2147483648', notANumber('2147483648', 1000)],
  OTEL_BLRP_EXPORT_TIMEOUT: ['soon', notANumber('soon', 30_000)],
  OTEL_BLRP_MAX_QUEUE_SIZE: ['many', notANumber('many', 2048)],
  OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: ['2049', / SIETCH002 .*expected at most OTEL_BLRP_MAX_QUEUE_SIZE \(2048\), got 2049; using 2048/],
  ...each(['', 'SPAN_', 'LOGRECORD_'], 'OTEL_*ATTRIBUTE_VALUE_LENGTH_LIMIT', (using) => ['-5', notANumber('-5', using)], 'no limit'),
  ...each(['', 'SPAN_', 'LOGRECORD_'], 'OTEL_*ATTRIBUTE_COUNT_LIMIT', (using) => ['many', notANumber('many', using)], '128'),
  OTEL_SPAN_EVENT_COUNT_LIMIT: ['-1', notANumber('-1', 128)],
  OTEL_SPAN_LINK_COUNT_LIMIT: ['-1', notANumber('-1', 128)],
  OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: ['1e3', notANumber('1e3', 128)],
  OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: ['x', notANumber('x', 128)],
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*INSECURE', (using) => ['maybe', notOneOf('true, false', using)], 'false'),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*COMPRESSION', (using) => ['maybe', notOneOf('gzip, none', using)], 'none'),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*TIMEOUT', (using) => ['-1', notANumber('-1', using)], '10000'),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*PROTOCOL', () => ['maybe', notOneOf('.*', '.*')], ''),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*HEADERS', () => ['Bearer secret', / SIETCH155 .*member 1 of 1: no =/], ''),
  OTEL_EXPORTER_ZIPKIN_TIMEOUT: ['never', notANumber('never', 10_000)],
  OTEL_EXPORTER_PROMETHEUS_PORT: ['70000', / SIETCH002 .*expected an integer from 0 to 65535, got "70000"; using 9464/],
  OTEL_TRACES_EXPORTER: ['maybe', notOneOf('otlp, zipkin, console, none', 'otlp')],
  OTEL_METRICS_EXEMPLAR_FILTER: ['maybe', notOneOf('.*', 'trace_based')],
  OTEL_METRIC_EXPORT_INTERVAL: ['0', notANumber('0', 60_000)],
  OTEL_METRIC_EXPORT_TIMEOUT: ['-1', notANumber('-1', 30_000)],
  OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: [
    'maybe',
    notOneOf('explicit_bucket_histogram, base2_exponential_bucket_histogram', 'explicit_bucket_histogram'),
  ],
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: ['maybe', notOneOf('cumulative, delta, lowmemory', 'cumulative')],
};

/** With these nothing reaches the collector of the test, or other exporters are asked for than in the other runs. */
export const WRONG_ADDRESSES: Readonly<Record<string, Wrong>> = {
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*ENDPOINT', () => ['nonsense', / SIETCH093 .*; using /], ''),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*CERTIFICATE', () => ['/nowhere', / SIETCH094 .*; going on without it/], ''),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*CLIENT_CERTIFICATE', () => ['/nowhere', / SIETCH094 .*; going on without it/], ''),
  ...each(SIGNALS, 'OTEL_EXPORTER_OTLP_*CLIENT_KEY', () => ['/nowhere', / SIETCH094 .*; going on without it/], ''),
  OTEL_EXPORTER_ZIPKIN_ENDPOINT: ['nonsense', / SIETCH002 .*expected an http or https URL; using http:\/\/localhost:9411/],
  OTEL_METRICS_EXPORTER: ['otlp,maybe', / SIETCH002 .*left out "maybe"; using otlp/],
  OTEL_LOGS_EXPORTER: ['otlp,maybe', / SIETCH002 .*left out "maybe"; using otlp/],
};

/** Any text is legal; what cannot be used shows when it is used, in tests of its own. */
export const ANY_TEXT = ['OTEL_SERVICE_NAME', 'OTEL_EXPORTER_PROMETHEUS_HOST', 'OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'];

/** They do nothing here, whatever their value. */
export const UNSUPPORTED: Readonly<Record<string, string>> = {
  OTEL_ENTITIES: 'service{service.name=shop}',
  OTEL_EXPORTER_OTLP_SPAN_INSECURE: 'true',
  OTEL_EXPORTER_OTLP_METRIC_INSECURE: 'true',
  OTEL_EXPORTER_ZIPKIN_PROTOCOL: 'thrift',
};
