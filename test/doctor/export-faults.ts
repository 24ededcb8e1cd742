// Causes that show when the app sends: what it is set to, and a collector that takes the doctor's empty export but not what the app has.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { WORK } from './doctor-run.ts';
import type { Bench, Case, Fault } from './fault.ts';

/** The doctor asks with an empty export. */
const isEmpty = ({ headers }: IncomingMessage): boolean => headers['content-length'] === '0';

/** An app beside a collector that answers exports with something in them as `answer` does; the receiver does where it returns false. */
async function beside(bench: Bench, answer: (response: ServerResponse) => boolean, app: string, env: Case['env'] = {}): Promise<Case> {
  const receiver = await bench.receiver({
    handler: (request, response) => {
      if (isEmpty(request)) return false;
      request.resume();
      return answer(response);
    },
  });
  return { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env }, command: bench.app(app) };
}

const status = (code: number) => (response: ServerResponse) => {
  response.writeHead(code).end();
  return true;
};
const afterMs = (delayMs: number) => (response: ServerResponse) => {
  setTimeout(() => response.writeHead(200).end(), delayMs);
  return true;
};

const MANY = `for (let i = 0; i < 3000; i++) ${WORK}`;
/** Long enough for an export of what it makes. */
const LIVING = `${WORK}setTimeout(() => {}, 1500);`;
const SOON = { OTEL_BSP_SCHEDULE_DELAY: '50' };

async function takenPort(bench: Bench): Promise<string> {
  const [, port = ''] = (await bench.listen(createServer())).split(':');
  return port;
}

/** It took the export, it says, but for one span. */
const refusal = (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ partialSuccess: { rejectedSpans: '1', errorMessage: 'no room' } }));
  return true;
};

/** What is looked at of an instrumentation. */
const KAFKA_INSTRUMENTATION = `exports.KafkaJsInstrumentation = class {
  instrumentationName = 'kafkajs';
  _requireInTheMiddleSingleton = { register() {} };
  enable() {}
  getConfig() { return {}; }
  setTracerProvider() {}
  setMeterProvider() {}
};`;

/** An app that loads kafkajs, and has this text as its instrumentation. */
function withKafka(bench: Bench, instrumentation: string | undefined): Case {
  const name = '@opentelemetry/instrumentation-kafkajs';
  const dependencies = instrumentation === undefined ? {} : { [name]: '1' };
  const files = {
    'package.json': JSON.stringify({ name: 'shop', dependencies }),
    'node_modules/kafkajs/package.json': '{"name":"kafkajs","version":"2.2.4"}',
    'node_modules/kafkajs/index.js': 'exports.Kafka = class {};',
    ...(instrumentation === undefined ? {} : { [`node_modules/${name}/index.js`]: instrumentation }),
  };
  return { command: bench.app(`require('kafkajs');${WORK}`, files) };
}

export const exportFaults: readonly Fault[] = [
  {
    code: 'SIETCH010',
    detail: /no-such-thing/,
    broken: (bench) => ({ env: { SIETCH_OTEL_INSTRUMENTATIONS: 'no-such-thing' }, command: bench.app(WORK) }),
    mended: (bench) => {
      const [node = '', app = ''] = bench.app(WORK);
      // Installed in the folder of this checkout, from where the app is run.
      return { env: { SIETCH_OTEL_INSTRUMENTATIONS: 'undici' }, command: [node, app] };
    },
  },
  {
    // Its package is there, and throws.
    code: 'SIETCH193',
    detail: /^@opentelemetry\/instrumentation-kafkajs: broken$/,
    broken: (bench) => withKafka(bench, "throw new Error('broken');"),
    mended: (bench) => withKafka(bench, KAFKA_INSTRUMENTATION),
  },
  {
    code: 'SIETCH194',
    detail: /^kafkajs 2\.2\.4 \(npm install @opentelemetry\/instrumentation-kafkajs\)$/,
    broken: (bench) => withKafka(bench, undefined),
    mended: (bench) => withKafka(bench, KAFKA_INSTRUMENTATION),
  },
  {
    code: 'SIETCH020',
    broken: async (bench) => ({
      env: { OTEL_EXPORTER_PROMETHEUS_PORT: await takenPort(bench) },
      command: bench.app(`${WORK}setTimeout(() => {}, 2_000);`),
    }),
    mended: (bench) => ({ env: { OTEL_EXPORTER_PROMETHEUS_PORT: '0' }, command: bench.app(`${WORK}setTimeout(() => {}, 2_000);`) }),
  },
  {
    code: 'SIETCH090',
    detail: /^\d+ spans: queue_full/,
    broken: (bench) => ({ command: bench.app(MANY) }),
    mended: (bench) => ({ env: { OTEL_BSP_MAX_QUEUE_SIZE: '4096' }, command: bench.app(MANY) }),
  },
  {
    code: 'SIETCH091',
    detail: /spans do not reach http:\S+: HTTP 503/,
    // It gives up at the end.
    also: ['SIETCH095'],
    broken: (bench) => beside(bench, status(503), LIVING, { ...SOON, SIETCH_OTEL_SHUTDOWN_MS: '300' }),
    mended: (bench) => beside(bench, status(200), LIVING, SOON),
  },
  {
    code: 'SIETCH092',
    also: ['SIETCH090'],
    detail: /refuses spans: HTTP 400/,
    broken: (bench) => beside(bench, status(400), LIVING, SOON),
    mended: (bench) => beside(bench, status(200), LIVING, SOON),
  },
  {
    code: 'SIETCH093',
    broken: (bench) => ({ env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'nonsense' }, command: bench.app(WORK) }),
    mended: async (bench) => ({
      env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `${(await bench.receiver()).url}/v1/logs` },
      command: bench.app(WORK),
    }),
  },
  {
    code: 'SIETCH094',
    broken: (bench) => ({ env: { OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file' }, command: bench.app(WORK) }),
    mended: (bench) => ({ env: { OTEL_EXPORTER_OTLP_CERTIFICATE: 'test/fixtures/tls/cert.pem' }, command: bench.app(WORK) }),
  },
  {
    code: 'SIETCH095',
    detail: /1 span not sent/,
    broken: (bench) => beside(bench, afterMs(1500), WORK, { SIETCH_OTEL_SHUTDOWN_MS: '100' }),
    mended: (bench) => beside(bench, afterMs(1500), WORK, { SIETCH_OTEL_SHUTDOWN_MS: '20000' }),
  },
  {
    code: 'SIETCH146',
    detail: /refused 1 span: "no room"/,
    also: ['SIETCH090'],
    broken: (bench) => beside(bench, refusal, LIVING, { ...SOON, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }),
    mended: (bench) => beside(bench, status(200), LIVING, SOON),
  },
];
