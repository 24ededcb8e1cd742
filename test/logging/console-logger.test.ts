import { expect, test } from 'vitest';
import { TraceContext } from '../../src/index.ts';
import { type ConsoleLike, ConsoleLogger } from '../../src/logging/library.ts';

function recorder(): { console: ConsoleLike; calls: unknown[][] } {
  const calls: unknown[][] = [];
  const method =
    (name: string) =>
    (...args: unknown[]) =>
      calls.push([name, ...args]);
  return { calls, console: { debug: method('debug'), info: method('info'), warn: method('warn'), error: method('error') } };
}

test('message first, fields behind it', () => {
  const { console, calls } = recorder();
  const logger = new ConsoleLogger({ console, level: 'trace' });
  logger.trace('a');
  logger.debug({ b: 1 });
  logger.info({ c: 1 }, 'c');
  logger.warn({}, 'd');
  logger.error({ err: 'e' }, 'e');
  expect(calls).toEqual([
    ['debug', 'a'],
    ['debug', { b: 1 }],
    ['info', 'c', { c: 1 }],
    ['warn', 'd'],
    ['error', 'e', { err: 'e' }],
  ]);
});

test('an error as context', () => {
  const { console, calls } = recorder();
  const error = new Error('refused');
  new ConsoleLogger({ console }).error(error, 'payment failed');
  expect(calls).toEqual([['error', 'payment failed', { err: error }]]);
});

test('what JavaScript callers do: nothing is lost', () => {
  const { console, calls } = recorder();
  const logger = new ConsoleLogger({ console });
  // @ts-expect-error the reversed order
  logger.info('paid', { orderId: 7 });
  // @ts-expect-error two texts
  logger.info('billing', 'paid');
  // @ts-expect-error nothing
  logger.info(undefined, 'paid');
  expect(calls).toEqual([
    ['info', 'paid', { orderId: 7 }],
    ['info', 'billing', 'paid'],
    ['info', 'paid'],
  ]);
});

test.each([
  ['trace', ['t', 'd', 'i', 'w', 'e']],
  ['debug', ['d', 'i', 'w', 'e']],
  [undefined, ['i', 'w', 'e']],
  ['warn', ['w', 'e']],
  ['error', ['e']],
  ['silent', []],
] as const)('level %s', (level, expected) => {
  const { console, calls } = recorder();
  const logger = new ConsoleLogger(level === undefined ? { console } : { console, level });
  logger.trace('t');
  logger.debug('d');
  logger.info('i');
  logger.warn('w');
  logger.error('e');
  expect(calls.map(([, message]) => message)).toEqual(expected);
});

test('bindings, trace fields and fields, the nearest to the call last', () => {
  const { console, calls } = recorder();
  const child = new ConsoleLogger({ console, bindings: { service: 'billing', part: 'a' } }).child({ part: 'b' });
  const trace = TraceContext.fromHeaders({ 'x-trace-id': 'order-12' });
  trace.run(() => child.info({ orderId: 7 }, 'paid'));
  child.info('outside');
  expect(calls).toEqual([
    ['info', 'paid', { service: 'billing', part: 'b', ...trace.logFields(), orderId: 7 }],
    ['info', 'outside', { service: 'billing', part: 'b' }],
  ]);
  expect(trace.logFields()).toMatchObject({ correlation_id: 'order-12', trace_flags: '00' });
});

test('methods can be taken off the logger', () => {
  const { console, calls } = recorder();
  const { info } = new ConsoleLogger({ console });
  info('free');
  expect(calls).toEqual([['info', 'free']]);
});

test('a console that throws does not reach the app; the console by default is the global one', () => {
  const { console } = recorder();
  console.info = () => {
    throw new Error('EPIPE');
  };
  expect(() => new ConsoleLogger({ console }).info('lost')).not.toThrow();
  expect(() => new ConsoleLogger({ level: 'silent' }).info('nothing')).not.toThrow();
});

test.each([
  [{ console: {} }, 'Expected `console` to have a method `debug`, got undefined'],
  [{ level: 'verbose' }, 'Expected `level` to be one of trace, debug, info, warn, error, silent, got `verbose` (string)'],
  [{ bindings: 'x' }, 'Expected `bindings` to be an object, got `x` (string)'],
])('wrong options %j', (options, message) => {
  // @ts-expect-error what JavaScript callers may do
  expect(() => new ConsoleLogger(options)).toThrow(new TypeError(message));
});

test('wrong bindings of a child', () => {
  // @ts-expect-error what JavaScript callers may do
  expect(() => new ConsoleLogger().child(null)).toThrow(new TypeError('Expected `bindings` to be an object, got null'));
});
