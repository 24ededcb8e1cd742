// The settings of the distribution as a whole. `OTEL_*` variables keep the meaning that the
// specification or upstream gave them.
import { choice, decimal, duration, flag, integer, list, type SettingsTable, text, timeout } from './setting.js';

/** Settings of our own. */
export const coreSettings = {
  banner: flag({ env: 'SIETCH_OTEL_BANNER', default: true, meaning: 'The one start-up line on stderr.' }),
  events: choice({
    env: 'SIETCH_OTEL_EVENTS',
    of: ['json', 'off'],
    default: 'json',
    meaning:
      'Where the log events of the distribution (slow query, dead letter, breaker opened) go: JSON lines on stderr, or nowhere but the OpenTelemetry log exporter.',
  }),
  extraInstrumentations: list({
    env: 'SIETCH_OTEL_INSTRUMENTATIONS',
    default: [],
    meaning:
      'Instrumentations that are made at the start, by short name (`dns,net`) or package name; resolved from the app as `@opentelemetry/instrumentation-<name>`. Those of known libraries (mongodb, kafkajs, …) that the app depends on are used without being named; `-kafkajs` takes one out.',
  }),
  dbRootSpans: choice({
    env: 'SIETCH_OTEL_DB_ROOT_SPANS',
    of: ['errors', 'all', 'off'],
    default: 'errors',
    meaning:
      'SQL statements and Redis commands without a parent (migrations, start-up, polling) that get a span, hence a trace of their own: `errors` those that fail or are slow, `all`, or none (`off`). Metrics, slow-query records and logs have them all.',
  }),
  eventLoopBlocksMs: integer({
    env: 'SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS',
    default: 50,
    max: 60_000,
    unit: 'ms',
    meaning:
      'Blocks of the event loop that last at least this long are told on the spans that they overlap (`sietch.event_loop.blocked`); at least 10. 0: on none.',
  }),
  esmHook: choice({
    env: 'SIETCH_OTEL_ESM_HOOK',
    of: ['auto', 'on', 'off'],
    default: 'auto',
    meaning:
      'Observe what is loaded by `import`. `auto`: always where Node can do it in the same thread; on older lines, where it takes a thread, when the program is an ES module. `on`: also for a CommonJS program that `import()`s.',
  }),
  shutdownMs: integer({
    env: 'SIETCH_OTEL_SHUTDOWN_MS',
    default: 1000,
    min: 0,
    max: 60_000,
    unit: 'ms',
    meaning: 'Longest time that the end of the process may wait for telemetry to be sent.',
  }),
  signals: flag({
    env: 'SIETCH_OTEL_SIGNALS',
    default: true,
    meaning: 'Telemetry is sent at SIGTERM and SIGINT before the process ends as it would without us. `off`: signals are left alone.',
  }),
  codeCache: text({
    env: 'SIETCH_OTEL_CODE_CACHE',
    default: '',
    meaning: "Folder for the code cache, which makes starts faster; by default `sietch-otel` in the user's cache folder. `off`: none.",
  }),
  workerThreads: flag({
    env: 'SIETCH_OTEL_WORKER_THREADS',
    default: false,
    meaning: "The app's worker threads are observed too; their spans and log records go out through the main thread.",
  }),
  diagnoseAfterMs: integer({
    env: 'SIETCH_OTEL_DIAGNOSE_AFTER_MS',
    default: 30_000,
    min: 0,
    max: 3_600_000,
    unit: 'ms',
    meaning:
      'Delay of the self-check, once per process: it logs why no export succeeded, and whether a bundle, an unsupported version or another agent is in the way. 0: never.',
  }),
  diagnoseAll: flag({
    env: 'SIETCH_OTEL_DIAGNOSE_ALL',
    default: false,
    meaning: 'The self-check also logs what may be no fault, like a server that got no request yet. `sietch-otel doctor` sets it.',
  }),
  now: flag({
    env: 'SIETCH_OTEL_NOW',
    default: true,
    meaning:
      'The process answers `sietch-otel now` of the same user, over a socket in a folder that no other user can enter. `off`: no socket is opened.',
  }),
  stillRunningMs: integer({
    env: 'SIETCH_OTEL_STILL_RUNNING_MS',
    default: 30_000,
    max: 86_400_000,
    unit: 'ms',
    meaning:
      'Requests, jobs and calls outside of both that have been open this long are logged with their trace and what they wait for, and again after twice, four times, … as long; 0 turns it off.',
  }),
  configPollMs: integer({
    env: 'SIETCH_OTEL_CONFIG_POLL_MS',
    default: 5000,
    max: 3_600_000,
    unit: 'ms',
    meaning: 'How often the file that `OTEL_CONFIG_FILE` names is looked at for changes; 0: never.',
  }),
  queueBytes: integer({
    env: 'SIETCH_OTEL_QUEUE_BYTES',
    default: 16_777_216,
    min: 65_536,
    unit: 'bytes',
    meaning: 'Estimated size of the spans, and of the log records, kept for export; further ones are dropped and counted.',
  }),
} satisfies SettingsTable;

const exporterList = (env: string, of: readonly string[], fallback: readonly string[], meaning: string) =>
  list({ env, of, default: fallback, meaning });

const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'] as const;

export const BASE2 = 'base2_exponential_bucket_histogram';

/** `OTEL_*` variables that this distribution reads itself. */
export const otelSettings = {
  disabled: flag({ env: 'OTEL_SDK_DISABLED', default: false, meaning: '`true`: nothing is loaded, patched or printed.' }),
  logLevel: choice({
    env: 'OTEL_LOG_LEVEL',
    of: ['none', 'error', 'warn', 'info', 'debug', 'verbose', 'all'],
    default: 'warn',
    changesAtRuntime: true,
    meaning: 'Level of the diagnostics on stderr (plain OpenTelemetry shows none when it is unset).',
  }),
  serviceName: text({
    env: 'OTEL_SERVICE_NAME',
    default: '',
    meaning: "`service.name`. Unset: `OTEL_RESOURCE_ATTRIBUTES`, else the name in the app's package.json.",
  }),
  traces: exporterList(
    'OTEL_TRACES_EXPORTER',
    ['otlp', 'zipkin', 'console', 'none'],
    ['otlp'],
    'Where spans go: `otlp`, `zipkin`, `console`, `none`.',
  ),
  metrics: exporterList(
    'OTEL_METRICS_EXPORTER',
    ['prometheus', 'otlp', 'console', 'none'],
    ['prometheus'],
    'Where metrics go: `prometheus` (an endpoint to scrape), `otlp`, `console`, `none`. Plain OpenTelemetry defaults to `otlp`.',
  ),
  logs: exporterList(
    'OTEL_LOGS_EXPORTER',
    ['otlp', 'console', 'none'],
    ['none'],
    'Where log records go: `otlp`, `console`, `none`. Plain OpenTelemetry defaults to `otlp`; sending costs each log line, so here it must be asked for.',
  ),
  protocol: choice({
    env: 'OTEL_EXPORTER_OTLP_PROTOCOL',
    of: PROTOCOLS,
    default: 'http/protobuf',
    meaning: 'OTLP transport for all signals; `OTEL_EXPORTER_OTLP_{TRACES,METRICS,LOGS}_PROTOCOL` override it.',
  }),
  tracesProtocol: choice({
    env: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL',
    of: ['', ...PROTOCOLS],
    default: '',
    meaning: 'OTLP transport for spans.',
  }),
  metricsProtocol: choice({
    env: 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL',
    of: ['', ...PROTOCOLS],
    default: '',
    meaning: 'OTLP transport for metrics.',
  }),
  logsProtocol: choice({
    env: 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL',
    of: ['', ...PROTOCOLS],
    default: '',
    meaning: 'OTLP transport for log records.',
  }),
  propagators: list({
    env: 'OTEL_PROPAGATORS',
    of: ['tracecontext', 'baggage', 'b3', 'b3multi', 'jaeger', 'none'],
    default: ['tracecontext', 'baggage'],
    meaning: 'Context formats on the wire, besides `x-trace-id`.',
  }),
  detectors: list({
    env: 'OTEL_NODE_RESOURCE_DETECTORS',
    of: ['container', 'env', 'host', 'os', 'process', 'serviceinstance', 'all', 'none'],
    default: ['container', 'env', 'host', 'process', 'serviceinstance'],
    meaning: 'Resource detectors; what `env` says overrides the others. No cloud metadata is asked for.',
  }),
  enabled: list({
    env: 'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    default: [],
    meaning: 'Only these integrations are on (`http,pg,redis,queue,circuit,logging,runtime`).',
  }),
  disabledInstrumentations: list({ env: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS', default: [], meaning: 'These integrations are off.' }),
  exceptionSignal: choice({
    env: 'OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN',
    of: ['', 'logs', 'logs/dup'],
    default: '',
    meaning:
      'Exceptions that end a request or an attempt at a job: log records in the place of events of the span (`logs`), or both (`logs/dup`). They go out where `OTEL_LOGS_EXPORTER` says.',
  }),
  batchDelayMs: duration({
    env: 'OTEL_BSP_SCHEDULE_DELAY',
    default: 5000,
    meaning: 'Longest time between two exports of spans.',
  }),
  batchTimeoutMs: timeout({
    env: 'OTEL_BSP_EXPORT_TIMEOUT',
    default: 30_000,
    meaning: 'Longest time of one export of spans; 0: no limit.',
  }),
  batchQueue: integer({
    env: 'OTEL_BSP_MAX_QUEUE_SIZE',
    default: 2048,
    min: 1,
    unit: 'spans',
    meaning: 'Spans kept for export; further ones are dropped and counted.',
  }),
  batchSize: integer({
    env: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
    default: 512,
    min: 1,
    unit: 'spans',
    meaning: 'Spans of one export; at most the queue.',
  }),
  logBatchDelayMs: duration({
    env: 'OTEL_BLRP_SCHEDULE_DELAY',
    default: 1000,
    meaning: 'Longest time between two exports of log records.',
  }),
  logBatchTimeoutMs: timeout({
    env: 'OTEL_BLRP_EXPORT_TIMEOUT',
    default: 30_000,
    meaning: 'Longest time of one export of log records; 0: no limit.',
  }),
  logBatchQueue: integer({
    env: 'OTEL_BLRP_MAX_QUEUE_SIZE',
    default: 2048,
    min: 1,
    unit: 'records',
    meaning: 'Log records kept for export.',
  }),
  logBatchSize: integer({
    env: 'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE',
    default: 512,
    min: 1,
    unit: 'records',
    meaning: 'Log records of one export; at most the queue.',
  }),
  metricIntervalMs: duration({
    env: 'OTEL_METRIC_EXPORT_INTERVAL',
    default: 60_000,
    min: 1,
    meaning: 'Time between two exports of metrics (`otlp`, `console`).',
  }),
  metricTimeoutMs: timeout({
    env: 'OTEL_METRIC_EXPORT_TIMEOUT',
    default: 30_000,
    meaning: 'Longest time of one export of metrics; 0: no limit.',
  }),
  histogramAggregation: choice({
    env: 'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
    of: ['explicit_bucket_histogram', BASE2],
    default: 'explicit_bucket_histogram',
    meaning:
      'Buckets of histograms: `base2_exponential_bucket_histogram` sends exponential ones over OTLP; on the Prometheus endpoint histograms become native ones besides, in protobuf.',
  }),
} satisfies SettingsTable;

const sdkText = (env: string, meaning: string, secret = false) => text({ env, default: '', meaning, secret, readBySdk: true });
const sdkInteger = (env: string, value: number, meaning: string) =>
  integer({ env, default: value, max: Number.POSITIVE_INFINITY, meaning, readBySdk: true });

/**
 * `OTEL_*` variables whose meaning is upstream's; corrected-environment.ts says which values are
 * wrong. The sampler and the limits of spans are built from here, the rest the SDK reads itself.
 */
export const sdkSettings = {
  compat: choice({
    env: 'SIETCH_OTEL_COMPAT',
    of: ['', '0.1'],
    default: '',
    readBySdk: true,
    meaning:
      '`0.1`: what has been renamed since is emitted by its old name (docs/semantic-conventions.md), for one release. In the environment of the process only, not in a configuration file.',
  }),
  configFile: sdkText('OTEL_CONFIG_FILE', 'A declarative configuration in YAML, in the place of variables: docs/configuration-file.md.'),
  resourceAttributes: sdkText('OTEL_RESOURCE_ATTRIBUTES', 'Resource attributes, `key=value,…`.'),
  sampler: choice({
    env: 'OTEL_TRACES_SAMPLER',
    of: ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'],
    default: 'parentbased_always_on',
    readBySdk: true,
    meaning: '`always_on`, `always_off`, `traceidratio`, or one of them with `parentbased_` before it.',
  }),
  samplerArgument: decimal({
    env: 'OTEL_TRACES_SAMPLER_ARG',
    default: 1,
    min: 0,
    max: 1,
    readBySdk: true,
    changesAtRuntime: true,
    meaning: 'Share of traces for `traceidratio`.',
  }),
  endpoint: text({
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    default: 'http://localhost:4318',
    readBySdk: true,
    meaning: 'OTLP base URL (`http://localhost:4317` for grpc); `_TRACES_`, `_METRICS_`, `_LOGS_` forms are used as they are.',
  }),
  headers: sdkText('OTEL_EXPORTER_OTLP_HEADERS', 'Headers of each OTLP request, `key=value,…`; also per signal.', true),
  timeout: sdkInteger('OTEL_EXPORTER_OTLP_TIMEOUT', 10_000, 'Longest time of one OTLP request in ms, 0: no limit; also per signal.'),
  compression: sdkText('OTEL_EXPORTER_OTLP_COMPRESSION', '`gzip` or `none`; also per signal.'),
  certificate: sdkText('OTEL_EXPORTER_OTLP_CERTIFICATE', 'CA file; also per signal.'),
  clientCertificate: sdkText('OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE', 'Client certificate file; also per signal.'),
  clientKey: sdkText('OTEL_EXPORTER_OTLP_CLIENT_KEY', 'Client key file; also per signal.'),
  insecure: sdkText('OTEL_EXPORTER_OTLP_INSECURE', 'No TLS for grpc; also per signal.'),
  temporality: sdkText('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', '`cumulative`, `delta` or `lowmemory`.'),
  zipkinEndpoint: sdkText('OTEL_EXPORTER_ZIPKIN_ENDPOINT', 'URL of Zipkin.'),
  zipkinTimeout: sdkInteger('OTEL_EXPORTER_ZIPKIN_TIMEOUT', 10_000, 'Longest time of one request to Zipkin in ms, 0: no limit.'),
  attributeLength: sdkText(
    'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
    'Longest attribute value; `OTEL_SPAN_…` and `OTEL_LOGRECORD_…` forms override it.',
  ),
  attributeCount: sdkInteger(
    'OTEL_ATTRIBUTE_COUNT_LIMIT',
    128,
    'Attributes of a span or log record; `OTEL_SPAN_…` and `OTEL_LOGRECORD_…` forms override it.',
  ),
  spanAttributeLength: sdkText('OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'Longest attribute value of a span.'),
  spanAttributeCount: sdkText('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'Attributes of a span.'),
  eventCount: sdkInteger('OTEL_SPAN_EVENT_COUNT_LIMIT', 128, 'Events of a span.'),
  linkCount: sdkInteger('OTEL_SPAN_LINK_COUNT_LIMIT', 128, 'Links of a span.'),
  eventAttributeCount: sdkText('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'Attributes of an event.'),
  linkAttributeCount: sdkText('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'Attributes of a link.'),
  attributesPerEvent: sdkInteger(
    'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
    128,
    "The SDK's older name of `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`, which overrides it.",
  ),
  attributesPerLink: sdkInteger(
    'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
    128,
    "The SDK's older name of `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT`, which overrides it.",
  ),
  sdkMetrics: flag({
    env: 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS',
    default: false,
    readBySdk: true,
    meaning: 'No effect: the metrics that it switches on in the SDK (`otel.sdk.*`) are always there, counted by the distribution.',
  }),
} satisfies SettingsTable;
