import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { CircuitBreakerError, isCircuitBreakerError } from '../../src/breaker/breaker-error.ts';
import type { CircuitBreakerOptions } from '../../src/breaker/breaker-options.ts';
import { CircuitBreaker } from '../../src/breaker/circuit-breaker.ts';
import type { BreakerEvent } from '../../src/integrations/circuit/breaker-event.ts';
import { routeEvents } from '../../src/logging/event-log.ts';
import type { ILogger } from '../../src/logging/logger.ts';
import { eventually } from '../support/eventually.ts';

routeEvents('off');

const breakers: { shutdown(): void }[] = [];
afterEach(() => {
  for (const breaker of breakers.splice(0)) breaker.shutdown();
});

class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly code = 'E503';
}

/** A breaker around an action that does what `next` says, and its events. */
function createBreaker<Fallback = never>(options: Partial<CircuitBreakerOptions<[string], Fallback>> = {}) {
  const events: BreakerEvent[] = [];
  const state: { next: 'well' | 'fail' | 'hang'; signals: AbortSignal[] } = { next: 'well', signals: [] };
  const breaker = new CircuitBreaker<[string], string, Fallback>(
    async ({ signal }, text) => {
      state.signals.push(signal);
      if (state.next === 'fail') throw new UpstreamError(`secret ${text}`);
      if (state.next === 'hang') await new Promise(() => {});
      return `answer ${text}`;
    },
    { name: 'test', volumeThreshold: 2, timeoutMs: 50, resetTimeoutMs: 60_000, onEvent: (event) => events.push(event), ...options },
  );
  breakers.push(breaker);
  const fail = async (times: number) => {
    state.next = 'fail';
    for (let call = 0; call < times; call++) await breaker.fire('x').catch(() => {});
  };
  return { breaker, events, state, fail };
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a call', () => {
  test('gets its arguments and gives its result', async () => {
    const { breaker } = createBreaker();
    expect(await breaker.fire('a')).toBe('answer a');
    expect(breaker.state).toBe('closed');
    expect(breaker.getPrometheusState()).toBe(0);
  });

  test('that fails rejects with the very error of the action, also a thrown one', async () => {
    const thrown = new Error('sync');
    const breaker = new CircuitBreaker(
      () => {
        throw thrown;
      },
      { name: 'throws' },
    );
    breakers.push(breaker);
    expect(await rejection(breaker.fire())).toBe(thrown);
  });

  test('that times out aborts its own signal and no other', async () => {
    const { breaker, state } = createBreaker();
    state.next = 'hang';
    const error = await rejection(breaker.fire('a'));
    expect(error).toBeInstanceOf(CircuitBreakerError);
    expect(error).toMatchObject({ name: 'CircuitTimeoutError', code: 'SIETCH_CIRCUIT_TIMEOUT', breaker: 'test' });
    state.next = 'well';
    await breaker.fire('b');
    expect(state.signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(state.signals[0]?.reason).toBe(error);
  });

  test('past the capacity rejects, and when open, and when shut down: each by its own name and code', async () => {
    const { breaker, state, fail } = createBreaker({ capacity: 1 });
    state.next = 'hang';
    const hanging = rejection(breaker.fire('a'));
    expect(await rejection(breaker.fire('b'))).toMatchObject({ name: 'CircuitCapacityError', code: 'SIETCH_CIRCUIT_AT_CAPACITY' });
    expect(await hanging).toMatchObject({ code: 'SIETCH_CIRCUIT_TIMEOUT' });
    await fail(1);
    const open = await rejection(breaker.fire('c'));
    expect(open).toMatchObject({ name: 'CircuitOpenError', code: 'SIETCH_CIRCUIT_OPEN', message: 'Circuit breaker test is open' });
    expect(isCircuitBreakerError(open) && open.nextProbeAt?.getTime()).toBeGreaterThan(Date.now() + 50_000);
    breaker.shutdown();
    expect(await rejection(breaker.fire('d'))).toMatchObject({ name: 'CircuitShutdownError', code: 'SIETCH_CIRCUIT_SHUTDOWN' });
    expect(breaker.state).toBe('shutdown');
    expect(breaker.getPrometheusState()).toBeNaN();
  });

  test("keeps the caller's async context in the action, the fallback and onEvent", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const { breaker } = createBreaker({ fallback: () => seen.push(storage.getStore()), onEvent: () => seen.push(storage.getStore()) });
    breaker.open();
    await storage.run('caller', () => breaker.fire('a'));
    expect(seen).toEqual([undefined, 'caller']);
  });
});

describe('opening', () => {
  test('needs as many calls as volumeThreshold says', async () => {
    const { breaker, fail } = createBreaker({ volumeThreshold: 5 });
    await fail(4);
    expect(breaker.state).toBe('closed');
    await fail(1);
    expect(breaker.state).toBe('open');
    expect(breaker.getPrometheusState()).toBe(1);
  });

  test('tells why: the failed calls by class and code, and when the next probe is due', async () => {
    const { events, fail } = createBreaker();
    await fail(2);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'open',
      name: 'test',
      reason: 'failure_rate',
      failureRate: 1,
      failures: [
        { outcome: 'failure', error: 'UpstreamError', code: 'E503' },
        { outcome: 'failure', error: 'UpstreamError', code: 'E503' },
      ],
    });
    const [event] = events;
    expect(event?.type === 'open' && event.nextProbeAt && event.nextProbeAt.getTime() - event.at.getTime()).toBeGreaterThan(59_000);
    expect(JSON.stringify(event)).not.toContain('secret');
  });

  test('an error that isFailure lets pass reaches the caller and counts for nothing, and one that it throws on counts', async () => {
    const { breaker, fail } = createBreaker({ isFailure: () => false });
    await fail(5);
    expect(breaker.state).toBe('closed');
    expect(breaker.getMetrics().calls).toMatchObject({ ignored: 5, failure: 0, success: 0 });
    const thrower = createBreaker({
      isFailure: () => {
        throw new Error('no');
      },
    });
    await thrower.fail(2);
    expect(thrower.breaker.state).toBe('open');
  });

  test("a timeout counts whatever isFailure says: it is the breaker's own", async () => {
    const asked: unknown[] = [];
    const { breaker, state } = createBreaker({ isFailure: (error) => asked.push(error) < 0 });
    state.next = 'hang';
    await Promise.all([rejection(breaker.fire('a')), rejection(breaker.fire('b'))]);
    expect(breaker.state).toBe('open');
    expect(asked).toEqual([]);
  });

  test('recovers over half-open, with an empty window: the next failure alone does not open it again', async () => {
    const { breaker, events, state, fail } = createBreaker({ resetTimeoutMs: 20 });
    await fail(2);
    await eventually('half-open', () => breaker.state === 'half_open');
    expect(breaker.getPrometheusState()).toBe(0.5);
    state.next = 'well';
    await breaker.fire('a');
    expect(breaker.state).toBe('closed');
    await fail(1);
    expect(breaker.state).toBe('closed');
    expect(events.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type))).toEqual([
      'open failure_rate',
      'half_open',
      'close probe_succeeded',
    ]);
  });

  test('onEvent that throws or rejects changes nothing', async () => {
    const { breaker, fail } = createBreaker({
      onEvent: () => {
        throw new Error('handler');
      },
    });
    await fail(2);
    expect(breaker.state).toBe('open');
    const rejecting = createBreaker({ onEvent: () => Promise.reject(new Error('handler')) as unknown as undefined });
    await rejecting.fail(2);
    expect(rejecting.breaker.state).toBe('open');
  });

  test('the given logger gets the lines', async () => {
    const lines: unknown[][] = [];
    const write =
      (level: string) =>
      (...line: unknown[]) =>
        lines.push([level, ...line]);
    const logger: ILogger = {
      trace: write('trace'),
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
    };
    const { breaker, fail } = createBreaker({ logger });
    await fail(2);
    breaker.close();
    expect(lines.map(([level, , message]) => [level, message])).toEqual([
      ['error', 'circuit breaker opened'],
      ['info', 'circuit breaker closed'],
    ]);
    expect(lines[0]?.[1]).toMatchObject({
      event: 'sietch.circuit_breaker.open',
      'sietch.circuit_breaker.failure.errors': ['UpstreamError E503', 'UpstreamError E503'],
    });
  });
});

describe('the fallback', () => {
  test('answers for failed, timed-out and refused calls, and knows why', async () => {
    const errors: unknown[] = [];
    const { breaker, state } = createBreaker({
      fallback: (error, text) => {
        errors.push(error);
        return `fallback ${text}`;
      },
      volumeThreshold: 3,
    });
    state.next = 'fail';
    expect(await breaker.fire('a')).toBe('fallback a');
    state.next = 'hang';
    expect(await breaker.fire('b')).toBe('fallback b');
    state.next = 'fail';
    await breaker.fire('c');
    expect(await breaker.fire('d')).toBe('fallback d');
    expect(errors.map((error) => (error instanceof Error ? error.name : error))).toEqual([
      'UpstreamError',
      'CircuitTimeoutError',
      'UpstreamError',
      'CircuitOpenError',
    ]);
    expect(breaker.getMetrics().fallbacks).toBe(4);
  });

  test('that throws gives the caller its error, and is told once', async () => {
    const thrown = new UpstreamError('secret fallback');
    const { breaker, events } = createBreaker({
      fallback: () => {
        throw thrown;
      },
    });
    breaker.open();
    for (let call = 0; call < 3; call++) expect(await rejection(breaker.fire('a'))).toBe(thrown);
    expect(events.filter(({ type }) => type === 'fallback_failed')).toEqual([
      { type: 'fallback_failed', name: 'test', at: expect.any(Date), error: 'UpstreamError' },
    ]);
  });
});

describe('forced states', () => {
  test('forced open stays open past the reset time; resume lets the next call try', async () => {
    const { breaker, events, state } = createBreaker({ resetTimeoutMs: 20 });
    breaker.forceOpen();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(breaker.getMetrics()).toMatchObject({ state: 'open', forced: 'open', nextProbeAt: undefined });
    breaker.resume();
    await eventually('half-open', () => breaker.state === 'half_open');
    state.next = 'well';
    await breaker.fire('a');
    expect(events.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type))).toEqual([
      'open forced',
      'half_open',
      'close probe_succeeded',
    ]);
  });

  test('forcing one that is open stops its timer and tells nothing new', async () => {
    const { breaker, events, fail } = createBreaker({ resetTimeoutMs: 20 });
    await fail(2);
    breaker.forceOpen();
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(breaker.state).toBe('open');
    expect(events).toHaveLength(1);
  });

  test('forced closed never opens; resume ends that', async () => {
    const { breaker, fail } = createBreaker();
    breaker.forceClosed();
    await fail(10);
    expect(breaker.getMetrics()).toMatchObject({ state: 'closed', forced: 'closed', failureRate: 1 });
    breaker.resume();
    await fail(1);
    expect(breaker.state).toBe('open');
  });

  test('open and close by hand end a forced state', async () => {
    const { breaker, events } = createBreaker();
    breaker.forceOpen();
    breaker.close();
    expect(breaker.getMetrics()).toMatchObject({ state: 'closed', forced: undefined });
    breaker.forceClosed();
    breaker.open();
    expect(breaker.getMetrics()).toMatchObject({ state: 'open', forced: undefined });
    expect(events.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type))).toEqual([
      'open forced',
      'close manual',
      'open manual',
    ]);
  });
});

test('what was shut down stays so', async () => {
  const { breaker, events } = createBreaker();
  breaker.shutdown();
  for (const change of ['open', 'close', 'forceOpen', 'forceClosed', 'resume', 'shutdown'] as const) breaker[change]();
  expect(breaker.getMetrics()).toMatchObject({ state: 'shutdown', forced: undefined });
  expect(await rejection(breaker.fire('a'))).toMatchObject({ code: 'SIETCH_CIRCUIT_SHUTDOWN' });
  expect(events).toEqual([]);
});

test('getMetrics counts each call once, slow ones too', async () => {
  const { breaker, state, fail } = createBreaker({ volumeThreshold: 100, timeoutMs: 300, slowCallMs: 250 });
  await breaker.fire('a');
  state.next = 'hang';
  await rejection(breaker.fire('b'));
  await fail(2);
  expect(breaker.getMetrics()).toEqual({
    name: 'test',
    state: 'closed',
    forced: undefined,
    calls: { success: 1, failure: 2, timeout: 1, ignored: 0, rejected: 0, at_capacity: 0, cached: 0 },
    fallbacks: 0,
    failureRate: 0.75,
    slowCallRate: 0.25,
    windowCalls: 4,
    openedAt: undefined,
    nextProbeAt: undefined,
  });
});

describe('wrong arguments', () => {
  const action = () => 1;
  test.each([
    ['no action', undefined, { name: 'x' }, TypeError, 'Expected `action` to be a function, got undefined'],
    ['no options', action, undefined, TypeError, 'Expected `options` to be an object, got undefined'],
    ['no name', action, {}, TypeError, 'Expected `name` to be a string that is not empty, got undefined'],
    [
      'text for a number',
      action,
      { name: 'x', timeoutMs: '5' },
      TypeError,
      'Expected `timeoutMs` to be an integer of at least 1, got `5` (string)',
    ],
    [
      'a number too small',
      action,
      { name: 'x', volumeThreshold: 0 },
      RangeError,
      'Expected `volumeThreshold` to be an integer of at least 1, got `0` (number)',
    ],
    [
      'a fraction',
      action,
      { name: 'x', resetTimeoutMs: 1.5 },
      RangeError,
      'Expected `resetTimeoutMs` to be an integer of at least 1, got `1.5` (number)',
    ],
    [
      'too much',
      action,
      { name: 'x', errorThresholdPercentage: 101 },
      RangeError,
      'Expected `errorThresholdPercentage` to be a number from 0 to 100, got `101` (number)',
    ],
    [
      'not a number',
      action,
      { name: 'x', capacity: Number.NaN },
      RangeError,
      'Expected `capacity` to be an integer of at least 1, got `NaN` (number)',
    ],
    ['no function', action, { name: 'x', fallback: null }, TypeError, 'Expected `fallback` to be a function, got null'],
    [
      'no logger',
      action,
      { name: 'x', logger: {} },
      TypeError,
      'Expected `logger` to be a logger with error, warn and info, got an object',
    ],
    ["opossum's word", action, { name: 'x', timeout: 5 }, TypeError, 'Expected no option `timeout`; there is `timeoutMs`'],
  ])('%s', (_what, given, options, kind, message) => {
    const make = () => Reflect.construct(CircuitBreaker, [given, options]);
    expect(make).toThrow(kind);
    expect(make).toThrow(message);
  });
});
