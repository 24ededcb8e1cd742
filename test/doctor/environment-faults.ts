// Causes that the environment of the process tells.
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { nodeBinary } from '../support/node-versions.ts';
import { freePort } from '../support/ports.ts';
import { PRELOADED, WORK } from './doctor-run.ts';
import type { Bench, Case, Fault } from './fault.ts';

/** One variable. */
function set(name: string, value: string): () => Case {
  return () => ({ env: { [name]: value } });
}

/** Sends to where the other variables say, which the file has to repeat. */
const CONFIGURATION = `file_format: "1.0"
propagator: { composite: [ tracecontext: ] }
tracer_provider:
  processors: [ batch: { exporter: { otlp_http: { endpoint: "\${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces" } } } ]
  sampler: { always_on: }
`;

/** A configuration file. */
function configuredBy(bench: Bench, text: string): Case {
  return { env: { OTEL_CONFIG_FILE: join(bench.folder({ 'otel.yaml': text }), 'otel.yaml') } };
}

/** Where another machine would look for this one. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

/** An app under the permissions of the first Node.js that has one for the network. */
async function withoutNetwork(bench: Bench, ...more: readonly string[]): Promise<string[]> {
  const [, ...app] = bench.app(WORK);
  return [await nodeBinary('26'), '--permission', '--allow-fs-read=*', '--allow-worker', ...more, ...app];
}

export const environmentFaults: readonly Fault[] = [
  {
    code: 'SIETCH002',
    detail: /did you mean SIETCH_OTEL_SIGNALS/,
    broken: set('SIETCH_OTEL_SIGNAL', 'on'),
    mended: set('SIETCH_OTEL_SIGNALS', 'on'),
  },
  {
    code: 'SIETCH002',
    detail: /^OTEL_EXPORTER_OLTP_ENDPOINT: no variable of OpenTelemetry, ignored; did you mean OTEL_EXPORTER_OTLP_ENDPOINT\?$/,
    broken: set('OTEL_EXPORTER_OLTP_ENDPOINT', 'http://collector:4318'),
    mended: set('OTEL_PYTHON_LOG_LEVEL', 'debug'),
  },
  ...(
    ['authorization: Bearer secret', 'Bearer secret', 'authorization=a,secret', 'authorization="secret"', 'authorization=secret%'] as const
  ).map(
    (value): Fault => ({
      code: 'SIETCH155',
      detail: /^OTEL_EXPORTER_OTLP_HEADERS, member \d of \d: (?!.*secret)/,
      broken: set('OTEL_EXPORTER_OTLP_HEADERS', value),
      mended: set('OTEL_EXPORTER_OTLP_HEADERS', 'authorization=Bearer%20secret,x-tenant=a b,'),
    }),
  ),
  {
    code: 'SIETCH275',
    detail: /^OTEL_EXPORTER_OTLP_METRIC_INSECURE: the name is obsolete; write OTEL_EXPORTER_OTLP_METRICS_INSECURE$/,
    broken: set('OTEL_EXPORTER_OTLP_METRIC_INSECURE', 'true'),
    mended: set('OTEL_EXPORTER_OTLP_METRICS_INSECURE', 'true'),
  },
  {
    code: 'SIETCH200',
    detail: /otel\.yaml: file_format: expected "1\.0" or "1\.1", got "0\.3"$/,
    broken: (bench) => configuredBy(bench, 'file_format: "0.3"\n'),
    mended: (bench) => configuredBy(bench, CONFIGURATION),
  },
  {
    code: 'SIETCH201',
    detail: /otel\.yaml:5:3 tracer_provider\.samplers: unknown, it is ignored; did you mean sampler\?$/,
    broken: (bench) => configuredBy(bench, CONFIGURATION.replace('sampler', 'samplers')),
    mended: (bench) => configuredBy(bench, CONFIGURATION),
  },
  {
    code: 'SIETCH101',
    detail: /otel\.yaml:1:1 tracer_provider$/,
    broken: (bench) => configuredBy(bench, CONFIGURATION.slice(0, CONFIGURATION.indexOf('tracer_provider'))),
    mended: (bench) => configuredBy(bench, CONFIGURATION),
  },
  { code: 'SIETCH100', broken: set('OTEL_SDK_DISABLED', 'true'), mended: set('OTEL_SDK_DISABLED', 'false') },
  { code: 'SIETCH101', broken: set('OTEL_TRACES_EXPORTER', 'none'), mended: set('OTEL_TRACES_EXPORTER', 'otlp') },
  {
    code: 'SIETCH102',
    broken: () => ({ env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' } }),
    mended: () => ({ env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' } }),
  },
  { code: 'SIETCH103', broken: set('OTEL_TRACES_SAMPLER', 'sometimes'), mended: set('OTEL_TRACES_SAMPLER', 'parentbased_always_on') },
  {
    code: 'SIETCH104',
    also: ['SIETCH111'],
    broken: set('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:4317'),
    mended: () => ({}),
  },
  {
    code: 'SIETCH105',
    also: ['SIETCH111'],
    broken: () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } }),
    mended: set('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf'),
  },
  {
    code: 'SIETCH106',
    also: ['SIETCH116'],
    broken: async (bench) => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${(await bench.receiver()).url}/v1/traces` } }),
    mended: async (bench) => ({ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${(await bench.receiver()).url}/v1/traces` } }),
  },
  {
    code: 'SIETCH107',
    also: ['SIETCH116'],
    broken: async (bench) => ({ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: (await bench.receiver()).url } }),
    mended: async (bench) => ({ env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${(await bench.receiver()).url}/v1/traces` } }),
  },
  {
    // Kubernetes sets the variable in each container.
    code: 'SIETCH108',
    also: ['SIETCH111'],
    broken: async () => ({
      env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${await freePort()}` },
    }),
    mended: async (bench) => {
      const { port } = await bench.receiver({ host: '0.0.0.0' });
      return { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', OTEL_EXPORTER_OTLP_ENDPOINT: `http://${ownAddress()}:${port}` } };
    },
  },
  {
    code: 'SIETCH109',
    broken: set('OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'nothing'),
    mended: set('OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'http,pg'),
  },
  {
    code: 'SIETCH121',
    also: ['SIETCH110'],
    broken: () => ({ env: { HTTPS_PROXY: 'http://proxy:3128', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://no-such-host.invalid:4318' } }),
    mended: set('HTTPS_PROXY', 'http://proxy:3128'),
  },
  { code: 'SIETCH122', broken: set('OTEL_PROPAGATORS', 'b3'), mended: set('OTEL_PROPAGATORS', 'tracecontext,b3') },
  {
    code: 'SIETCH123',
    broken: (bench) => ({ env: { OTEL_SERVICE_NAME: undefined }, command: bench.app(WORK, { 'package.json': '{}' }) }),
    mended: (bench) => ({ env: { OTEL_SERVICE_NAME: undefined }, command: bench.app(WORK, { 'package.json': '{"name":"shop"}' }) }),
  },
  { code: 'SIETCH124', broken: set('OTEL_BSP_SCHEDULE_DELAY', '600000'), mended: () => ({}) },
  { code: 'SIETCH125', broken: set('SIETCH_OTEL_SHUTDOWN_MS', '0'), mended: set('SIETCH_OTEL_SHUTDOWN_MS', '1000') },
  {
    // The versions are tested in codes.test.ts; here Node is made to say another.
    code: 'SIETCH137',
    broken: (bench) => {
      const older = bench.folder({ 'older.cjs': "Object.defineProperty(process.versions, 'node', { value: '21.7.3' });" });
      return { env: { NODE_OPTIONS: `--require ${join(older, 'older.cjs')}` } };
    },
    mended: () => ({}),
  },
  ...(
    [
      // Not started, it does not report either.
      ['SIETCH206', ['SIETCH134'], 'deno', '2.9.6'],
      ['SIETCH207', [], 'bun', '1.4.4'],
    ] as const
  ).map(
    ([code, also, name, version]): Fault => ({
      // test/runtimes starts the real ones; here Node is made to say that it is one.
      code,
      also,
      detail: new RegExp(version),
      broken: (bench) => {
        const other = bench.folder({ 'other.cjs': `Object.defineProperty(process.versions, '${name}', { value: '${version}' });` });
        return { env: { NODE_OPTIONS: `--require ${join(other, 'other.cjs')} ${PRELOADED}` }, command: bench.app(WORK) };
      },
      mended: (bench) => ({ command: bench.app(WORK) }),
    }),
  ),
  {
    code: 'SIETCH208',
    also: ['SIETCH134'],
    broken: async (bench) => ({ command: await withoutNetwork(bench) }),
    mended: async (bench) => ({ command: await withoutNetwork(bench, '--allow-net') }),
  },
];
