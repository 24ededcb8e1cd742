import { afterAll, beforeAll, expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { WebhookQueue } from '../../src/webhooks/library.ts';
import { type Exit, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { freshRedis } from '../support/servers.ts';

let url: string;
let queue: WebhookQueue;
const done: string[] = [];
let isMended = false;

beforeAll(async () => {
  routeEvents('off');
  url = await freshRedis();
  queue = new WebhookQueue({
    name: 'webhooks',
    connection: url,
    enqueueTimeoutMs: 10_000,
    retries: 1,
    backoff: { delayMs: 1 },
    processor: ({ id }) => {
      if (!isMended) throw new RangeError(`no luck\nwith ${id}`);
      done.push(id);
    },
  });
  queue.startWorker();
  for (const [id, type] of [
    ['evt_1', 'paid'],
    ['evt_2', 'paid'],
    ['evt_3', 'refunded'],
    ['evt_4', 'refunded'],
  ] as const) {
    await queue.enqueue({ id, type, payload: { secret: 'of the customer' } });
  }
  await eventually('all are dead', async () => (await queue.deadLetters.count()) === 4);
});
afterAll(() => queue?.close());

const run = (...args: string[]): Promise<Exit> =>
  runApp('dist/cli/main.js', { preload: 'none', args: ['dlq', ...args], env: { REDIS_URL: url } }).waitForExit();

test('ls lists dead letters, a line each, without payloads', async () => {
  const exit = await run('ls', 'webhooks');
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  // By event: they were dead at about the same time.
  const byEvent = (line: string) => line.slice(line.indexOf(' '));
  const lines = exit.stdout.trim().split('\n');
  expect(lines.sort((a, b) => byEvent(a).localeCompare(byEvent(b)))).toEqual(
    ['evt_1  paid', 'evt_2  paid', 'evt_3  refunded', 'evt_4  refunded'].map((event) =>
      expect.stringMatching(new RegExp(`^\\S+Z  redis  ${event}  trace unknown  no luck with evt_\\d$`)),
    ),
  );
  expect(exit.stdout).not.toContain('customer');
  const json = await run('ls', 'webhooks', '--type', 'refunded', '--limit', '1', '--json');
  expect(JSON.parse(json.stdout)).toMatchObject([{ type: 'refunded', reason: expect.stringContaining('no luck') }]);
});

test('show tells what each attempt failed of; the payload only on demand', async () => {
  const exit = await run('show', 'webhooks', 'evt_1');
  expect(exit).toMatchObject({ code: 0, stderr: '' });
  expect(exit.stdout).toMatch(/^evt_1 {2}paid\njob {7}e-evt_1 in redis\n/);
  expect(exit.stdout).toMatch(/\nattempt 1 .*RangeError: no luck with evt_1\nattempt 2 /);
  expect(exit.stdout).not.toContain('customer');
  expect((await run('show', 'webhooks', 'evt_1', '--payload')).stdout).toContain('{"secret":"of the customer"}');
});

test('replay puts one back, or all that match; rm deletes', async () => {
  isMended = true;
  expect(await run('replay', 'webhooks', 'evt_1')).toMatchObject({ code: 0, stdout: 'Replayed "evt_1".\n' });
  expect(await run('replay', 'webhooks', '--all', '--type', 'paid')).toMatchObject({ code: 0, stdout: 'Replayed 1.\n' });
  expect(await run('rm', 'webhooks', 'evt_3')).toMatchObject({ code: 0, stdout: 'Removed "evt_3".\n' });
  await eventually('the replayed ones are done', () => done.length === 2);
  expect(done.sort()).toEqual(['evt_1', 'evt_2']);
  expect((await queue.deadLetters.list()).map(({ id }) => id)).toEqual(['evt_4']);
});

test.each([
  [['show', 'webhooks', 'evt_0'], 1, 'sietch-otel: webhooks has no dead letter "evt_0"\n'],
  [['ls', 'webhook'], 1, 'sietch-otel: There is no queue "webhook" under the prefix bull\n'],
  [['replay', 'webhooks', '--all', '--prefix', 'bul'], 1, 'sietch-otel: There is no queue "webhooks" under the prefix bul\n'],
  [['ls', 'webhooks', '--url', `redis://x:secret@127.0.0.1:1`], 1, 'sietch-otel: Redis does not answer\n'],
  [['list', 'webhooks'], 2, 'sietch-otel: Expected an action and a queue'],
  [['replay', 'webhooks'], 2, 'sietch-otel: Expected the id of an event'],
  [['ls', 'webhooks', '--url', 'localhost'], 2, 'sietch-otel: Expected `--url` to be a URL that begins with redis:// or rediss://'],
  [['ls', 'webhooks', '--limit', 'many'], 2, 'sietch-otel: Expected `--limit` to be a whole number of at least 1, got "many"'],
])('%j', async (args, code, stderr) => {
  const exit = await run(...args);
  expect(exit).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(stderr) });
});

test('a spill that is down is told from one without dead letters', async () => {
  const exit = await run('ls', 'webhooks', '--spill', `postgres://127.0.0.1:${await freePort()}/x`);
  expect(exit).toMatchObject({ code: 1, stderr: 'sietch-otel: PostgreSQL does not answer, or holds no spill of a queue\n' });
});
