// What is still running is a log record, so that what hangs is known when the process is killed.
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { allText, type LogRecord, type Receiver, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { runWebApp, type WebApp } from '../support/web-app.ts';

const EVENT = 'sietch.still_running';

interface Hanging extends WebApp {
  receiver: Receiver;
  /** Sends a request that will not be answered, in the trace that is returned. */
  hang(path: string): string;
  records(operation: string): LogRecord[];
}

const receivers: Receiver[] = [];
const running: WebApp[] = [];
afterAll(async () => {
  for (const { app } of running) await app.stop();
  for (const receiver of receivers) await receiver.close();
});

async function start(env: Record<string, string>): Promise<Hanging> {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const web = await runWebApp('test/app/hanging.cjs', {
    args: [await freshDatabase(), await freshRedis()],
    receiver,
    nodeArgs: ['--expose-gc'],
    env: { OTEL_LOGS_EXPORTER: 'otlp', SIETCH_OTEL_BANNER: 'off', SIETCH_OTEL_STILL_RUNNING_MS: '500', ...env },
  });
  running.push(web);
  const hang = (path: string): string => {
    const traceId = randomBytes(16).toString('hex');
    web.ask(path, { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } }).catch(() => {});
    return traceId;
  };
  const records = (operation: string) =>
    receiver.store.logs.filter(({ eventName, attributes }) => eventName === EVENT && attributes['sietch.running.operation'] === operation);
  return { ...web, receiver, hang, records };
}

describe('a service that hangs', () => {
  const WAITS = [
    ['/promise/7', 'GET /promise/:id', /^no I\/O: running or waiting for a promise$/],
    ['/lock/7', 'GET /lock/:id', /^pg UPDATE test_\w+ \d+\.\d s$/],
    ['/several', 'GET /several', /^pg SELECT test_\w+ \d+\.\d s and 1 more$/],
    ['/call', 'GET /call', /^GET (?:localhost|127\.0\.0\.1):\d+ \d+\.\d s$/],
    ['/fetch', 'GET /fetch', /^GET 127\.0\.0\.1:\d+ \d+\.\d s$/],
    ['/wait', 'GET /wait', /^waiting for a connection of pool 127\.0\.0\.1:\d+\/test_\w+ \d+\.\d s$/],
    ['/download', 'GET /download', /^streaming the response$/],
  ] as const;
  const traceIds = new Map<string, string>();
  let hanging: Hanging;

  beforeAll(async () => {
    hanging = await start({});
    await hanging.ask('/ok');
    await hanging.ask('/leak');
    hanging.hang('/events');
    for (const [path] of WAITS) traceIds.set(path, hanging.hang(path));
    for (const [, operation] of WAITS) await eventually(operation, () => hanging.records(operation).length > 0);
    await eventually('the job', () => hanging.records('stuck').length > 0);
    hanging.app.signal('SIGKILL');
    await hanging.app.waitForExit();
  });

  test.each(WAITS)('%s: a record with the trace of the request, its age and what it waits for', (path, operation, waitsFor) => {
    const [record] = hanging.records(operation);
    expect(record).toMatchObject({
      severityText: 'WARN',
      traceId: traceIds.get(path),
      attributes: {
        'sietch.running.category': 'request',
        'sietch.running.waits_for': expect.stringMatching(waitsFor),
        'http.request.method': 'GET',
        'http.route': operation.slice('GET '.length),
      },
    });
    expect(record?.attributes['sietch.running.age']).toBeGreaterThanOrEqual(0.5);
    // Its span never left the process.
    expect(hanging.receiver.store.spans.filter(({ traceId }) => traceId === traceIds.get(path))).toEqual([]);
  });

  test('a job', () => {
    expect(hanging.records('stuck')[0]).toMatchObject({
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      attributes: {
        'sietch.running.category': 'job',
        'sietch.running.waits_for': 'no I/O: running or waiting for a promise',
        'messaging.destination.name': 'stuck',
        'messaging.message.id': '1',
        'sietch.queue.job.attempt': 1,
      },
    });
  });

  test('a call outside of requests and jobs', () => {
    const queries = hanging.receiver.store.logs.filter(({ attributes }) => attributes['sietch.running.category'] === 'query');
    expect(queries).not.toEqual([]);
    for (const { attributes } of queries) expect(attributes['sietch.running.operation']).toMatch(/^pg SELECT test_/);
  });

  test('neither calls of requests and jobs, nor what is long-lived by nature', () => {
    const found = hanging.receiver.store.logs.filter(({ eventName }) => eventName === EVENT);
    const categories = new Set(found.map(({ attributes }) => attributes['sietch.running.category']));
    expect([...categories].sort()).toEqual(['job', 'query', 'request']);
    expect(hanging.records('GET /events')).toEqual([]);
    expect(hanging.records('GET /ok')).toEqual([]);
    expect(hanging.records('GET /leak')).toEqual([]);
  });

  test('each is an event line too', () => {
    const lines = hanging.app.stderr.split('\n').filter((line) => line.includes(`"event":"${EVENT}"`));
    expect(lines.map((line): unknown => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        level: 40,
        trace_id: traceIds.get('/lock/7'),
        msg: expect.stringMatching(/^still running for \d\.\d s: request GET \/lock\/:id \(pg UPDATE test_\w+ \d\.\d s\)$/),
      }),
    );
  });

  test('no values', () => {
    expect(hanging.app.stderr + allText(hanging.receiver.store)).not.toContain('kanarie');
  });
});

describe('time', () => {
  afterEach(async () => {
    for (const { app } of running.splice(0)) await app.stop();
  });

  test('told again after twice as long, and a stuck job is after its processor was collected; a response that streams once', async () => {
    const hanging = await start({ SIETCH_OTEL_STILL_RUNNING_MS: '200' });
    hanging.hang('/download');
    hanging.hang('/promise/7');
    const agesOf = (operation: string) => hanging.records(operation).map(({ attributes }) => Number(attributes['sietch.running.age']));
    await eventually('the first record', () => agesOf('GET /promise/:id').length > 0);
    hanging.app.send({ collect: true });
    await eventually('three records', () => agesOf('GET /promise/:id').length >= 3 && agesOf('stuck').length >= 3);
    for (const ages of [agesOf('GET /promise/:id'), agesOf('stuck')]) {
      const [first = 0, second = 0, third = 0] = ages;
      expect([first >= 0.2, second >= 0.4, third >= 0.8]).toEqual([true, true, true]);
    }
    expect(agesOf('GET /download')).toHaveLength(1);
  });

  test('what is not sampled is told of with the trace that it is in', async () => {
    const hanging = await start({ OTEL_TRACES_SAMPLER: 'always_off' });
    const traceId = hanging.hang('/lock/7');
    const [record] = await eventually('the record', () => {
      const found = hanging.records('GET /lock/:id');
      return found.length > 0 && found;
    });
    expect(record).toMatchObject({ traceId, attributes: { 'sietch.running.waits_for': expect.stringMatching(/^pg UPDATE/) } });
  });

  test('0 turns it off', async () => {
    const hanging = await start({ SIETCH_OTEL_STILL_RUNNING_MS: '0' });
    hanging.hang('/promise/7');
    await hanging.ask('/sleep?seconds=1');
    expect(hanging.app.stderr + allText(hanging.receiver.store)).not.toContain(EVENT);
  });
});

test('at most twenty records a minute', async () => {
  const hanging = await start({ SIETCH_OTEL_STILL_RUNNING_MS: '300' });
  for (let request = 0; request < 40; request++) hanging.hang('/promise/7');
  await eventually('twenty records', () => hanging.records('GET /promise/:id').length >= 15);
  await hanging.ask('/sleep?seconds=1');
  expect(hanging.receiver.store.logs.filter(({ eventName }) => eventName === EVENT).length).toBeLessThanOrEqual(20);
});
