// The variables of OpenTelemetry's specification (sdk-environment-variables.md and protocol/exporter.md of 1.5x, August 2026): a legal value of each, and
// what shows that it is honoured. Variables that do not get in each other's way share a run.
import { expect } from 'vitest';
import { type RunOptions, type Seen, TLS_FILES } from './environment-run.ts';

export interface Variable {
  readonly value: string;
  /** The same in another case, where case does not matter. */
  readonly odd?: string;
  readonly shows: (seen: Seen) => void;
}

export interface Group extends Partial<RunOptions> {
  readonly title: string;
  readonly variables: Readonly<Record<string, Variable>>;
}

const SIGNALS = ['TRACES', 'METRICS', 'LOGS'] as const;
const QUEUES = { TRACES: 'spans', METRICS: 'metric exports', LOGS: 'logs' } as const;

const work = ({ store }: Seen) => store.spans.find(({ name }) => name === 'work') ?? expect.fail('no span named work');
const record = ({ store }: Seen) => store.logs[0] ?? expect.fail('no log record');
const lengths = (attributes: object) => new Set(Object.values(attributes).map((value) => String(value).length));
const sizes = (items: readonly { attributes: object }[]) => items.map(({ attributes }) => Object.keys(attributes).length);
const requestsOf = ({ requests }: Pick<Seen, 'requests'>, signal: string) =>
  requests.filter((request) => request.signal === signal.toLowerCase());
/** Largest first: of two that are under way at once, either may arrive first. */
const batchesOf = (seen: Seen, signal: string) =>
  requestsOf(seen, signal)
    .map(({ items }) => items)
    .sort((one, other) => other - one);
const headersOf = (seen: Seen, signal: string, name: string) => new Set(requestsOf(seen, signal).map(({ headers }) => headers[name]));

/** A variable for each signal. */
function forEachSignal(what: string, variable: (signal: (typeof SIGNALS)[number]) => Variable): Record<string, Variable> {
  return Object.fromEntries(SIGNALS.map((signal) => [`OTEL_EXPORTER_OTLP_${signal}_${what}`, variable(signal)]));
}

function everySignal(seen: Seen, check: (signal: string) => void): void {
  expect(new Set(seen.requests.map(({ signal }) => signal))).toEqual(new Set(['traces', 'metrics', 'logs']));
  for (const signal of SIGNALS) check(signal);
}

/** Shows that an export was given up after so many milliseconds. */
const givenUp = (queue: string, ms: number) => (seen: Pick<Seen, 'stderr'>) =>
  expect(seen.stderr).toMatch(new RegExp(`${queue} do not reach \\S+ no answer within ${ms} ms`));
const SILENT = {
  collector: 'silent',
  env: { SIETCH_OTEL_SHUTDOWN_MS: '100', OTEL_METRIC_EXPORT_INTERVAL: '50', OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_BLRP_SCHEDULE_DELAY: '1' },
  until: ({ stderr }) => (stderr.match(/no answer within/g) ?? []).length === 3,
} as const satisfies Partial<RunOptions>;

const limits: Group[] = [
  {
    title: 'limits of all attributes',
    variables: {
      OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
        value: '7',
        shows: (seen) => expect([lengths(work(seen).attributes), lengths(record(seen).attributes)]).toEqual([new Set([7]), new Set([7])]),
      },
      OTEL_ATTRIBUTE_COUNT_LIMIT: {
        value: '4',
        shows: (seen) => expect([...sizes([work(seen), record(seen)]), work(seen).droppedAttributesCount]).toEqual([4, 4, 2]),
      },
    },
  },
  {
    title: 'limits of each kind, over those of all',
    env: { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1', OTEL_ATTRIBUTE_COUNT_LIMIT: '1', OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '1' },
    variables: {
      OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
        value: '5',
        shows: (seen) => expect(lengths(work(seen).attributes)).toEqual(new Set([5])),
      },
      OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: { value: '3', shows: (seen) => expect(sizes([work(seen)])).toEqual([3]) },
      OTEL_SPAN_EVENT_COUNT_LIMIT: {
        value: '2',
        shows: (seen) => expect([work(seen).events.map(({ name }) => name), work(seen).droppedEventsCount]).toEqual([['3', '4'], 2]),
      },
      OTEL_SPAN_LINK_COUNT_LIMIT: {
        value: '1',
        shows: (seen) => expect([work(seen).links.length, work(seen).droppedLinksCount]).toEqual([1, 3]),
      },
      OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: { value: '2', shows: (seen) => expect(sizes(work(seen).events)).toEqual([2, 2]) },
      OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: { value: '3', shows: (seen) => expect(sizes(work(seen).links)).toEqual([3]) },
      OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: {
        value: '6',
        shows: (seen) => expect(lengths(record(seen).attributes)).toEqual(new Set([6])),
      },
      OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: { value: '2', shows: (seen) => expect(sizes([record(seen)])).toEqual([2]) },
    },
  },
];

const batches: Group[] = [
  {
    title: 'queues and batches',
    variables: {
      OTEL_BSP_MAX_QUEUE_SIZE: { value: '6', shows: (seen) => expect(seen.store.spans).toHaveLength(6) },
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: { value: '4', shows: (seen) => expect(batchesOf(seen, 'TRACES')).toEqual([4, 2]) },
      OTEL_BLRP_MAX_QUEUE_SIZE: { value: '5', shows: (seen) => expect(seen.store.logs).toHaveLength(5) },
      OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: { value: '3', shows: (seen) => expect(batchesOf(seen, 'LOGS')).toEqual([3, 2]) },
    },
  },
  {
    title: 'delay of spans, with that of log records as it is by default',
    env: { OTEL_METRICS_EXPORTER: 'none' },
    until: ({ requests }) => requests.length === 2,
    variables: {
      OTEL_BSP_SCHEDULE_DELAY: {
        value: '10',
        shows: ({ requests }) => expect(requests.map(({ signal }) => signal)).toEqual(['traces', 'logs']),
      },
    },
  },
  {
    title: 'delay of log records and interval of metrics, before spans',
    env: { OTEL_BSP_SCHEDULE_DELAY: '800' },
    until: ({ requests }) => requests.some(({ signal }) => signal === 'traces'),
    variables: {
      OTEL_BLRP_SCHEDULE_DELAY: {
        value: '10',
        shows: (seen) => expect(seen.requests.map(({ signal }) => signal).slice(0, 2)).toContain('logs'),
      },
      OTEL_METRIC_EXPORT_INTERVAL: {
        value: '50',
        shows: ({ requests }) => expect(requests.findIndex(({ signal }) => signal === 'traces')).toBeGreaterThan(2),
      },
    },
  },
  {
    title: 'time of one export',
    ...SILENT,
    variables: {
      OTEL_BSP_EXPORT_TIMEOUT: { value: '201', shows: givenUp('spans', 201) },
      OTEL_BLRP_EXPORT_TIMEOUT: { value: '202', shows: givenUp('logs', 202) },
      OTEL_METRIC_EXPORT_TIMEOUT: { value: '203', shows: givenUp('metric exports', 203) },
    },
  },
];

const otlp: Group[] = [
  {
    title: 'OTLP of all signals',
    collector: 'https',
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: {
        value: 'https://$ADDRESS/base',
        shows: (seen) => everySignal(seen, (signal) => expect(requestsOf(seen, signal)[0]?.path).toBe(`/base/v1/${signal.toLowerCase()}`)),
      },
      OTEL_EXPORTER_OTLP_HEADERS: {
        value: 'x-tenant=shop%201,x-other=2',
        shows: (seen) => everySignal(seen, (signal) => expect(headersOf(seen, signal, 'x-tenant')).toEqual(new Set(['shop 1']))),
      },
      OTEL_EXPORTER_OTLP_COMPRESSION: {
        value: 'gzip',
        odd: 'GZip',
        shows: (seen) => everySignal(seen, (signal) => expect(headersOf(seen, signal, 'content-encoding')).toEqual(new Set(['gzip']))),
      },
      OTEL_EXPORTER_OTLP_PROTOCOL: {
        value: 'http/json',
        odd: 'HTTP/Json',
        shows: (seen) =>
          everySignal(seen, (signal) => expect(headersOf(seen, signal, 'content-type')).toEqual(new Set(['application/json']))),
      },
      OTEL_EXPORTER_OTLP_CERTIFICATE: { value: TLS_FILES.cert, shows: (seen) => everySignal(seen, () => {}) },
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: {
        value: TLS_FILES.cert,
        shows: (seen) => everySignal(seen, (signal) => expect(requestsOf(seen, signal)[0]?.client).toBe('localhost')),
      },
      OTEL_EXPORTER_OTLP_CLIENT_KEY: {
        value: TLS_FILES.key,
        shows: (seen) => everySignal(seen, (signal) => expect(requestsOf(seen, signal)[0]?.client).toBe('localhost')),
      },
    },
  },
  {
    title: 'OTLP of one signal, over that of all',
    collector: 'https',
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=none',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_CERTIFICATE: TLS_FILES.key,
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/nowhere',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/nowhere',
    },
    variables: {
      ...forEachSignal('ENDPOINT', (signal) => ({
        value: `https://$ADDRESS/in/${signal.toLowerCase()}`,
        shows: (seen) => expect(requestsOf(seen, signal)[0]?.path).toBe(`/in/${signal.toLowerCase()}`),
      })),
      ...forEachSignal('HEADERS', (signal) => ({
        value: `x-tenant=${signal}`,
        shows: (seen) => expect(headersOf(seen, signal, 'x-tenant')).toEqual(new Set([signal])),
      })),
      ...forEachSignal('COMPRESSION', (signal) => ({
        value: 'gzip',
        odd: 'GZIP',
        shows: (seen) => expect(headersOf(seen, signal, 'content-encoding')).toEqual(new Set(['gzip'])),
      })),
      ...forEachSignal('PROTOCOL', (signal) => ({
        value: 'http/json',
        odd: 'HTTP/JSON',
        shows: (seen) => expect(headersOf(seen, signal, 'content-type')).toEqual(new Set(['application/json'])),
      })),
      ...forEachSignal('CERTIFICATE', (signal) => ({
        value: TLS_FILES.cert,
        shows: (seen) => expect(batchesOf(seen, signal)).not.toEqual([]),
      })),
      ...forEachSignal('CLIENT_CERTIFICATE', (signal) => ({
        value: TLS_FILES.cert,
        shows: (seen) => expect(requestsOf(seen, signal)[0]?.client).toBe('localhost'),
      })),
      ...forEachSignal('CLIENT_KEY', (signal) => ({
        value: TLS_FILES.key,
        shows: (seen) => expect(requestsOf(seen, signal)[0]?.client).toBe('localhost'),
      })),
    },
  },
  {
    title: 'time of one request, all signals',
    ...SILENT,
    variables: {
      OTEL_EXPORTER_OTLP_TIMEOUT: { value: '150', shows: (seen) => everyQueue((queue) => givenUp(queue, 150)(seen)) },
    },
  },
  {
    title: 'time of one request, one signal',
    ...SILENT,
    env: { ...SILENT.env, OTEL_EXPORTER_OTLP_TIMEOUT: '30000' },
    variables: forEachSignal('TIMEOUT', (signal) => {
      const ms = 151 + SIGNALS.indexOf(signal);
      return { value: String(ms), shows: givenUp(QUEUES[signal], ms) };
    }),
  },
  {
    title: 'gRPC without TLS, all signals',
    collector: 'grpc',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: '$ADDRESS', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    variables: {
      OTEL_EXPORTER_OTLP_INSECURE: { value: 'true', odd: 'True', shows: (seen) => everySignal(seen, () => {}) },
    },
  },
  {
    title: 'gRPC without TLS, one signal',
    collector: 'grpc',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: '$ADDRESS', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_INSECURE: 'false' },
    variables: forEachSignal('INSECURE', (signal) => ({
      value: 'true',
      odd: 'TRUE',
      shows: (seen) => expect(batchesOf(seen, signal)).not.toEqual([]),
    })),
  },
];

function everyQueue(check: (queue: string) => void): void {
  for (const queue of Object.values(QUEUES)) check(queue);
}

const exporters: Group[] = [
  {
    title: 'the console',
    variables: {
      OTEL_TRACES_EXPORTER: { value: 'console', odd: 'Console', shows: ({ stdout }) => expect(stdout).toMatch(/name: 'work'/) },
      OTEL_METRICS_EXPORTER: { value: 'console', odd: 'CONSOLE', shows: ({ stdout }) => expect(stdout).toMatch(/name: 'jobs'/) },
      OTEL_LOGS_EXPORTER: { value: 'console', odd: 'CONSOLE', shows: ({ stdout }) => expect(stdout).toMatch(/body: 'record'/) },
    },
  },
  {
    title: 'Zipkin',
    env: { OTEL_TRACES_EXPORTER: 'zipkin' },
    variables: {
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: {
        value: 'http://$ADDRESS/zipkin',
        shows: ({ others }) => expect(others.get('/zipkin')).toContain('"name":"work"'),
      },
    },
  },
  {
    title: 'Zipkin that does not answer',
    collector: 'silent',
    env: {
      OTEL_TRACES_EXPORTER: 'zipkin',
      OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'http://$ADDRESS/zipkin',
      OTEL_BSP_SCHEDULE_DELAY: '1',
      SIETCH_OTEL_SHUTDOWN_MS: '100',
    },
    until: ({ stderr }) => /spans do not reach/.test(stderr),
    variables: { OTEL_EXPORTER_ZIPKIN_TIMEOUT: { value: '154', shows: givenUp('spans', 154) } },
  },
  {
    title: 'Prometheus',
    scrape: true,
    env: { OTEL_METRICS_EXPORTER: 'prometheus' },
    variables: {
      OTEL_EXPORTER_PROMETHEUS_HOST: {
        value: '127.0.0.2',
        shows: ({ stderr }) => expect(stderr).toMatch(/metrics to http:\/\/127\.0\.0\.2:\d+\//),
      },
      OTEL_EXPORTER_PROMETHEUS_PORT: { value: '0', shows: ({ scraped }) => expect(scraped).toMatch(/^jobs_total(\{.*\})? 1/m) },
      OTEL_METRICS_EXEMPLAR_FILTER: {
        value: 'always_off',
        odd: 'Always_Off',
        shows: ({ scraped }) => expect([scraped.includes('latency_bucket'), scraped.includes('# {')]).toEqual([true, false]),
      },
    },
  },
  {
    title: 'temporality and buckets',
    variables: {
      OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: {
        value: 'delta',
        odd: 'Delta',
        shows: ({ store }) => expect(store.metrics.find(({ name }) => name === 'jobs')?.temporality).toBe('DELTA'),
      },
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: {
        value: 'base2_exponential_bucket_histogram',
        odd: 'Base2_Exponential_Bucket_Histogram',
        shows: ({ store }) => expect(store.metrics.find(({ name }) => name === 'latency')?.type).toBe('exponentialHistogram'),
      },
    },
  },
];

const general: Group[] = [
  {
    title: 'resource and log level',
    variables: {
      OTEL_SERVICE_NAME: { value: 'Shop', shows: (seen) => expect(work(seen).resource['service.name']).toBe('Shop') },
      OTEL_RESOURCE_ATTRIBUTES: {
        value: 'service.name=other,team=a%2Cb',
        shows: (seen) => expect(work(seen).resource).toMatchObject({ 'service.name': 'Shop', team: 'a,b' }),
      },
      OTEL_LOG_LEVEL: { value: 'debug', odd: 'Debug', shows: ({ stderr }) => expect(stderr).toMatch(/^\[sietch-otel\] debug /m) },
    },
  },
  {
    title: 'propagators and sampler',
    env: { OTEL_TRACES_SAMPLER: 'traceidratio' },
    variables: {
      OTEL_PROPAGATORS: { value: 'b3,b3', odd: 'B3', shows: ({ stdout }) => expect(stdout).toMatch(/^injected b3,x-trace-id$/m) },
      OTEL_TRACES_SAMPLER_ARG: { value: '0', shows: ({ store }) => expect(store.spans).toEqual([]) },
    },
  },
  {
    title: 'sampler',
    variables: { OTEL_TRACES_SAMPLER: { value: 'always_off', odd: 'Always_OFF', shows: ({ store }) => expect(store.spans).toEqual([]) } },
  },
  {
    title: 'switch',
    variables: {
      OTEL_SDK_DISABLED: {
        value: 'true',
        odd: 'TRUE',
        shows: ({ requests, stdout, stderr }) => expect([requests, stdout, stderr]).toEqual([[], 'injected \n', '']),
      },
    },
  },
  {
    title: 'configuration file',
    env: { OTEL_SERVICE_NAME: 'not-from-the-file' },
    variables: {
      OTEL_CONFIG_FILE: {
        value: 'test/environment/otel.yaml',
        shows: ({ requests, stderr }) => {
          expect(requests).toEqual([]);
          expect(stderr).toMatch(/service "from-the-file[^"]*": traces to console, metrics to off, logs to off/);
        },
      },
    },
  },
  {
    title: 'configuration file by its old name',
    variables: {
      OTEL_EXPERIMENTAL_CONFIG_FILE: {
        value: 'test/environment/otel.yaml',
        shows: ({ stderr }) => {
          expect(stderr).toContain('service "from-the-file');
          expect(stderr).toContain('OTEL_EXPERIMENTAL_CONFIG_FILE: the name is deprecated; use OTEL_CONFIG_FILE');
        },
      },
    },
  },
];

export const GROUPS: readonly Group[] = [...limits, ...batches, ...otlp, ...exporters, ...general];
