// Metrics that are pushed leave a short-lived process, whichever way it ends: exactly once, and the exit stays what it is.
import { createServer } from 'node:http2';
import type { Server } from 'node:net';
import { expect, test } from 'vitest';
import { Servers } from '../doctor/servers.ts';
import { type AppOptions, runApp } from '../support/app.ts';
import { allText, type Metric, type Receiver, startReceiver } from '../support/otlp.ts';
import { ENV, startHangingCollector } from './exit-ways.ts';

const FILE = 'test/app/exit-metrics.cjs';
const PUSHED = {
  ...ENV,
  OTEL_TRACES_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_METRICS_EXPORTER: 'otlp',
  OTEL_METRIC_EXPORT_INTERVAL: '60000',
};
const DELTA = { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' };

async function run(way: string, env: AppOptions['env'] = {}, ...args: string[]) {
  const receiver = await startReceiver();
  const servers = new Servers();
  const url = env['OTEL_EXPORTER_OTLP_PROTOCOL'] === 'grpc' ? `http://${await servers.listen(grpcInFrontOf(receiver))}` : receiver.url;
  try {
    const exit = await runApp(FILE, { args: [way, ...args], receiver: { url }, env: { ...PUSHED, ...env } }).waitForExit();
    return { exit, metrics: receiver.store.metrics, text: allText(receiver.store) };
  } finally {
    servers.close();
    await receiver.close();
  }
}

/** A gRPC service that hands each message on by HTTP. */
function grpcInFrontOf({ url }: Receiver): Server {
  const server = createServer();
  server.on('stream', (stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', () => {});
    stream.on('end', async () => {
      const body = Buffer.concat(chunks).subarray(GRPC_PREFIX);
      const post = { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body };
      const status = await fetch(`${url}/v1/metrics`, post).then(
        (answer) => answer.status,
        () => 0,
      );
      // Its sender may have ended meanwhile.
      if (stream.destroyed) return;
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status === 200 ? '0' : '3' }));
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.end(Buffer.alloc(GRPC_PREFIX));
    });
  });
  return server;
}

/** Each point of the app's metrics in the order of arrival. */
function pointsOf(metrics: readonly Metric[]) {
  const ofApp = metrics.filter(({ scope }) => scope.name.startsWith('exit-metrics'));
  return ofApp.flatMap(({ name, temporality, points }) =>
    points.map(({ attributes, value, count, sum }) => ({
      name,
      temporality,
      ...attributes,
      ...(count === undefined ? { value } : { count, sum }),
    })),
  );
}

/** What the program measures in one go, `times` times. */
function measured(temporality: string, times = 1) {
  return [
    { name: 'jobs', temporality, job: 'import', value: 2 * times },
    { name: 'jobs', temporality, job: 'export', value: times },
    { name: 'sizes', temporality, count: 2 * times, sum: 77 * times },
    expect.objectContaining({ name: 'last', value: 42 }),
    expect.objectContaining({ name: 'observed', value: 1 }),
  ];
}

const WAYS = [
  ['exit', 3],
  ['exit in an async function', 3],
  ['throw', 1],
] as const;
const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'];
/** Before each message: whether it is compressed, and its length. */
const GRPC_PREFIX = 5;

test.for(WAYS.flatMap(([way, code]) => PROTOCOLS.map((protocol) => ({ way, code, protocol }))))(
  '$way: what was measured arrives over $protocol',
  async ({ way, code, protocol }) => {
    const { exit, metrics, text } = await run(way, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect(exit).toMatchObject({ code, signal: null, stdout: '' });
    expect(exit.stderr).not.toContain('SIETCH');
    expect(pointsOf(metrics)).toEqual(measured('CUMULATIVE'));
    expect(text).not.toContain('4111111111111111');
  },
);

test('with delta temporality, nothing is counted twice', async () => {
  const [once, again] = await Promise.all([run('exit', DELTA), run('measures again', DELTA)]);
  expect(pointsOf(once.metrics)).toEqual(measured('DELTA'));
  const counted = measured('DELTA').slice(0, -1);
  expect(pointsOf(again.metrics).filter(({ name }) => name !== 'observed')).toEqual([...counted, ...counted]);
});

test('with cumulative temporality, what came after a flush is in the state that is sent at the end', async () => {
  const { metrics } = await run('measures again');
  expect(pointsOf(metrics).slice(-5)).toEqual(measured('CUMULATIVE', 2));
});

test('an observation that its callback waits for is the last one that there was', async () => {
  const { metrics } = await run('after a late observation');
  const late = pointsOf(metrics).filter(({ name }) => name === 'late');
  expect(late.length).toBeGreaterThan(1);
  for (const point of late) expect(point).toMatchObject({ value: 1 });
});

test('with delta temporality, nothing is lost while a callback of another meter has not answered', async () => {
  const { metrics, exit } = await run('while a callback hangs', DELTA);
  expect(exit).toMatchObject({ code: 3, signal: null });
  expect(pointsOf(metrics)).toEqual(measured('DELTA'));
});

test.for([0, 4, 8, 12, 16])('with delta temporality, nothing is lost %i promises after a signal', async (turns) => {
  const { metrics, exit } = await run('in a listener of a signal', DELTA, String(turns));
  expect(exit).toMatchObject({ code: 3, signal: null });
  const counters = pointsOf(metrics).filter(({ name }) => ['jobs', 'sizes'].includes(name));
  expect(counters).toEqual(measured('DELTA').slice(0, 3));
});

test('the last state arrives although the collector has not answered the first, and those between wait', async () => {
  let requests = 0;
  const hangsOnce = () => {
    if (++requests === 1) app.send({});
    return requests === 1;
  };
  const receiver = await startReceiver({ handler: hangsOnce });
  const env = { ...PUSHED, OTEL_METRIC_EXPORT_INTERVAL: '20', OTEL_METRIC_EXPORT_TIMEOUT: '20' };
  const app = runApp(FILE, { args: ['after many intervals'], receiver, env });
  const { code } = await app.waitForExit();
  await receiver.close();
  expect(code).toBe(3);
  expect(pointsOf(receiver.store.metrics)).toContainEqual({ name: 'jobs', temporality: 'CUMULATIVE', job: 'import', value: 4 });
});

test.for(['shut down', 'natural'])('"%s" has sent all, with observable instruments: nothing is sent again', async (way) => {
  const { metrics, exit } = await run(way);
  expect(pointsOf(metrics)).toEqual(measured('CUMULATIVE'));
  expect(exit.stderr).not.toContain('SIETCH');
});

test('a collector that hangs delays the exit by the cap at most, and the loss is said', async () => {
  const receiver = await startHangingCollector();
  const env = { ...PUSHED, SIETCH_OTEL_SHUTDOWN_MS: '300' };
  const { code, stderr } = await runApp(FILE, { args: ['exit'], receiver, env }).waitForExit(20_000);
  await receiver.close();
  expect(code).toBe(3);
  expect(stderr).toMatch(/SIETCH095 [^\n]+: 1 metric export not sent/);
});
