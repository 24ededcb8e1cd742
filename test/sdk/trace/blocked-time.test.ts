// Spans that overlap a block of the event loop say for how long.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BlockedTime } from '../../../src/sdk/trace/blocked-time.js';
import { runApp } from '../../support/app.ts';
import { type Receiver, type Span, spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshDatabase, redisUrl } from '../../support/servers.ts';

const ATTRIBUTE = 'sietch.event_loop.blocked';

async function run(env: Record<string, string>, node?: string): Promise<Span[]> {
  const receiver: Receiver = await startReceiver();
  const options = { args: [await freshDatabase(), redisUrl()], receiver, env: { SIETCH_OTEL_BANNER: 'off', ...env } };
  const app = runApp('test/app/blocked-time.cjs', node === undefined ? options : { ...options, node });
  const { code, stderr } = await app.waitForExit();
  await receiver.close();
  expect(code, stderr).toBe(0);
  return [...receiver.store.spans];
}

/** The span below the request for `path`. */
function below(spans: readonly Span[], path: string, name: string): Span[] {
  const requests = spans.filter(({ kind, attributes }) => kind === 'SERVER' && attributes['url.path'] === path);
  return spans.filter((span) => shortName(span) === name && requests.some(({ spanId }) => spanId === span.parentSpanId));
}

/** Without the tables. */
const shortName = ({ name }: Span) => name.replace(/^(SELECT) .*/, '$1');
const blockedOf = ({ attributes }: Span) => Number(attributes[ATTRIBUTE] ?? 0);
const secondsOf = ({ startTimeUnixNano, endTimeUnixNano }: Span) => Number(endTimeUnixNano - startTimeUnixNano) / 1e9;

// Blocked for 0.9 s, in which a tick of the loop is awaited for 80 ms, so that its middle is up to 40 ms away:
//
//   GET /quiet             ├──┤
//   GET /blocked                ├──────██████████─────┤     0.9
//     over before               ├┤
//     SELECT                         ├─────██████████┤          0.9, made when it has ended
//     get                             ├█████████─┤          0.9, made when it has ended
//     with given times           ├─────██████████─┤         0.9
//     ends in the block               ├█████████┤           0.9, no tick has come yet
//     begins after                                   ├┤
//   GET /quiet                                          ├──┤
//   until the end                                            ├████████┤  0.9, no tick ever comes
test('a span that overlaps a block says for how long, others say nothing', async () => {
  const spans = await run({ SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS: '400' });
  const blocked = [
    ...spans.filter(({ attributes }) => attributes['url.path'] === '/blocked' || String(attributes['url.full']).endsWith('/blocked')),
    ...['SELECT', 'get', 'with given times', 'ends in the block'].flatMap((name) => below(spans, '/blocked', name)),
    spanNamed(spans, 'until the end'),
  ];
  expect(blocked.map((span) => `${span.kind} ${shortName(span)}`)).toEqual(
    expect.arrayContaining([
      'SERVER GET',
      'CLIENT GET',
      'CLIENT SELECT',
      'CLIENT get',
      'INTERNAL ends in the block',
      'INTERNAL until the end',
    ]),
  );
  for (const span of blocked) {
    expect(blockedOf(span), span.name).toBeGreaterThan(0.8);
    expect(blockedOf(span), span.name).toBeLessThanOrEqual(secondsOf(span) + 0.041);
  }
  for (const span of [...below(spans, '/quiet', 'SELECT'), ...below(spans, '/quiet', 'get'), spanNamed(spans, 'over before')]) {
    expect(Object.keys(span.attributes)).not.toContain(ATTRIBUTE);
  }
  expect(Object.keys(spanNamed(spans, 'begins after').attributes)).not.toContain(ATTRIBUTE);
});

test('with 0 no span says anything', async () => {
  const spans = await run({ SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS: '0' });
  expect(below(spans, '/blocked', 'SELECT')).toHaveLength(1);
  expect(spans.filter(({ attributes }) => ATTRIBUTE in attributes)).toEqual([]);
});

test('the timer holds no context of the app', async () => {
  // Spans are printed at once: a timer or socket of an exporter would hold what was active when it was made.
  const options = { nodeArgs: ['--expose-gc'], env: { OTEL_TRACES_EXPORTER: 'console', SIETCH_OTEL_EVENT_LOOP_BLOCKS_MS: '50' } };
  const { stdout, stderr } = await runApp('test/app/blocked-time-context.cjs', options).waitForExit();
  expect(stdout, stderr).toMatch(/\ncollected\n$/);
});

describe('the arithmetic', () => {
  let now = 0;
  beforeEach(() => {
    now = 1_000;
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  /** The loop turns each millisecond. */
  function pass(ms: number): void {
    for (let passed = 0; passed < ms; passed++) {
      now++;
      vi.advanceTimersByTime(1);
    }
  }

  /** Timers run when it is over. */
  function block(ms: number): void {
    now += ms;
    for (let passed = 0; passed < ms; passed++) vi.advanceTimersByTime(1);
  }

  test('a block is known to half a tick, also before the tick that tells of it', () => {
    const blocked = new BlockedTime(50);
    blocked.spanStarted();
    pass(1_003);
    const from = now;
    now += 200;
    const within = blocked.within(1_000, now);
    expect(Math.abs(within - 0.2)).toBeLessThanOrEqual(0.005);
    now -= 200;
    block(200);
    const end = now;
    pass(30);
    expect(blocked.within(1_000, now)).toBe(within);
    expect(blocked.within(end - 100, now)).toBe(0.1);
    expect(blocked.within(from + 10, from + 60)).toBe(0.05);
    expect(blocked.within(end, now)).toBe(0);
    expect(blocked.within(1_000, from - 10)).toBe(0);
  });

  test('shorter blocks do not count, several add up, and of too many the last do', () => {
    const blocked = new BlockedTime(50);
    blocked.spanStarted();
    for (let index = 0; index < 10; index++) {
      pass(20);
      block(40);
    }
    expect(blocked.within(1_000, now)).toBe(0);
    for (let index = 0; index < 100; index++) {
      pass(20);
      block(100);
    }
    expect(Math.abs(blocked.within(1_000, now) - 64 * 0.1)).toBeLessThan(64 * 0.0051);
  });

  test('there is a timer while spans are open, and at first', () => {
    const blocked = new BlockedTime(50);
    pass(20);
    expect(vi.getTimerCount()).toBe(0);
    blocked.spanStarted();
    blocked.spanStarted();
    pass(500);
    blocked.spanEnded();
    pass(500);
    expect(vi.getTimerCount()).toBe(1);
    blocked.spanEnded();
    pass(20);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a block before any span is open is not one of the next', () => {
    const blocked = new BlockedTime(50);
    pass(20);
    block(500);
    blocked.spanStarted();
    expect(blocked.within(now, now)).toBe(0);
    pass(100);
    expect(blocked.within(1_000, now)).toBe(0);
  });
});
