import { expect, test } from 'vitest';
import { createObservedClass } from './observed-class.ts';

const fail = async (): Promise<never> => {
  throw new Error('no');
};
const quietly = (promise: Promise<unknown>): Promise<unknown> => promise.catch(() => {});
const hang = () => new Promise(() => {});

const CALLS = 'sietch.circuit_breaker.calls';
const STATE = 'sietch.circuit_breaker.state';

test('each call has one outcome: a timeout and a call over capacity are not failures as well', async () => {
  const { Breaker, collect } = createObservedClass();
  const breaker = new Breaker(hang, { name: 'a', timeout: 20, capacity: 1, volumeThreshold: 100 });
  await Promise.all([quietly(breaker.fire()), quietly(breaker.fire())]);
  const series = await collect();
  expect(series[CALLS]).toEqual({
    'name=a,outcome=success': 0,
    'name=a,outcome=failure': 0,
    'name=a,outcome=timeout': 1,
    'name=a,outcome=ignored': 0,
    'name=a,outcome=rejected': 0,
    'name=a,outcome=at_capacity': 1,
    'name=a,outcome=cached': 0,
  });
  expect(series['sietch.circuit_breaker.call.duration']).toEqual({ 'name=a,outcome=timeout': 1 });
});

test('an error that the filter lets pass is ignored, be it a timeout of its own or not', async () => {
  const { Breaker, collect } = createObservedClass();
  const failing = new Breaker(fail, { name: 'a', errorFilter: () => true });
  await quietly(failing.fire());
  const slow = new Breaker(hang, { name: 'b', timeout: 20, errorFilter: () => true });
  await quietly(slow.fire());
  expect((await collect())[CALLS]).toMatchObject({
    'name=a,outcome=ignored': 1,
    'name=a,outcome=success': 0,
    'name=b,outcome=timeout': 1,
    'name=b,outcome=success': 0,
    'name=b,outcome=ignored': 0,
  });
});

test("a breaker within a breaker: the inner one's own error is a failure of the outer one", async () => {
  const { Breaker, collect } = createObservedClass();
  const inner = new Breaker(hang, { name: 'inner', timeout: 20 });
  const outer = new Breaker(() => inner.fire(), { name: 'outer', volumeThreshold: 100 });
  await quietly(outer.fire());
  await quietly(outer.fire());
  expect((await collect())[CALLS]).toMatchObject({
    'name=inner,outcome=timeout': 1,
    'name=inner,outcome=rejected': 1,
    'name=inner,outcome=failure': 0,
    'name=outer,outcome=failure': 2,
    'name=outer,outcome=timeout': 0,
    'name=outer,outcome=rejected': 0,
  });
});

test('answers from the cache and from a call under way are calls, without a duration', async () => {
  const { Breaker, collect } = createObservedClass();
  const cached = new Breaker(async () => 1, { name: 'a', cache: true });
  await cached.fire();
  await cached.fire();
  const series = await collect();
  expect(series[CALLS]).toMatchObject({ 'name=a,outcome=success': 1, 'name=a,outcome=cached': 1 });
  expect(series['sietch.circuit_breaker.call.duration']).toEqual({ 'name=a,outcome=success': 1 });
});

test('fallbacks are counted beside the outcome', async () => {
  const { Breaker, collect } = createObservedClass();
  const breaker = new Breaker(fail, { name: 'a' });
  breaker.fallback(() => 'instead');
  await breaker.fire();
  await breaker.fire();
  const series = await collect();
  expect(series['sietch.circuit_breaker.fallbacks']).toEqual({ 'name=a': 2 });
  expect(series[CALLS]).toMatchObject({ 'name=a,outcome=failure': 1, 'name=a,outcome=rejected': 1 });
});

test('the state is right at once for a breaker that starts open or half-open, and NaN after shutdown', async () => {
  const { Breaker, collect, events } = createObservedClass();
  const options = (state: object) => ({ state, name: '' });
  const open = Reflect.construct(Breaker, [fail, { ...options({ closed: false }), name: 'open' }]);
  Reflect.construct(Breaker, [fail, { ...options({ closed: false, halfOpen: true }), name: 'half' }]);
  expect((await collect())[STATE]).toEqual({ 'name=open': 1, 'name=half': 0.5 });
  expect(events).toMatchObject([
    { type: 'open', name: 'open', reason: 'restored' },
    { type: 'half_open', name: 'half' },
  ]);
  open.shutdown();
  expect((await collect())[STATE]).toEqual({ 'name=open': Number.NaN, 'name=half': 0.5 });
});

test('breakers that share a name share its series: counters add up, the worst state shows, also after one is gone', async () => {
  const { Breaker, collect } = createObservedClass();
  const first = new Breaker(fail, { name: 'Paddle API' });
  const second = new Breaker(async () => 1, { name: 'Paddle API' });
  const alike = new Breaker(async () => 1, { name: 'paddleApi' });
  await quietly(first.fire());
  await second.fire();
  let series = await collect();
  expect(series[STATE]).toEqual({ 'name=Paddle API': 1, 'name=paddleApi': 0 });
  expect(series['sietch_paddle_api_circuit_state']).toEqual({ '': 1 });
  first.shutdown();
  series = await collect();
  expect(series[STATE]).toEqual({ 'name=Paddle API': 0, 'name=paddleApi': 0 });
  expect(series['sietch_paddle_api_circuit_state']).toEqual({ '': 0 });
  expect(series[CALLS]).toMatchObject({ 'name=Paddle API,outcome=success': 1, 'name=Paddle API,outcome=failure': 1 });
  expect(alike.closed).toBe(true);
});

test('names are bounded: UUIDs of opossum are one series, and so are names past the hundredth', async () => {
  const { Breaker, collect } = createObservedClass();
  const kept = Array.from({ length: 130 }, (_, index) => new Breaker(async () => 1, { name: `many${index}` }));
  kept.push(new Breaker(async () => 1), new Breaker(async () => 1));
  await Promise.all(kept.map((breaker) => breaker.fire()));
  const series = await collect();
  expect(Object.keys(series[STATE] ?? {})).toHaveLength(102);
  expect(series[CALLS]).toMatchObject({
    'name=many99,outcome=success': 1,
    'name=_OTHER,outcome=success': 30,
    'name=unnamed,outcome=success': 2,
  });
  expect(Object.keys(series).filter((name) => name.endsWith('_circuit_state'))).toHaveLength(100);
});

test('failure rate and slow-call rate of the window; a timeout is one slow call', async () => {
  const { Breaker, collect } = createObservedClass(200);
  const breaker = new Breaker((ms) => new Promise((resolve) => setTimeout(resolve, Number(ms))), {
    name: 'a',
    timeout: 1000,
    volumeThreshold: 9,
  });
  await Promise.all([0, 0, 0, 400, 10_000].map((ms) => quietly(breaker.fire(ms))));
  const series = await collect();
  expect(series['sietch.circuit_breaker.failure_rate']).toEqual({ 'name=a': 0.2 });
  expect(series['sietch.circuit_breaker.slow_call_rate']).toEqual({ 'name=a': 0.4 });
});

test('transitions and their reasons', async () => {
  const { Breaker, collect, events } = createObservedClass();
  let isDown = true;
  const breaker = new Breaker(() => (isDown ? fail() : Promise.resolve(1)), { name: 'a', resetTimeout: 20, volumeThreshold: 2 });
  await quietly(breaker.fire());
  await quietly(breaker.fire());
  await new Promise((resolve) => breaker.once('halfOpen', resolve));
  await quietly(breaker.fire());
  await new Promise((resolve) => breaker.once('halfOpen', resolve));
  isDown = false;
  await breaker.fire();
  breaker.open();
  breaker.close();
  expect(events.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type))).toEqual([
    'open failure_rate',
    'half_open',
    'open probe_failed',
    'half_open',
    'close probe_succeeded',
    'open manual',
    'close manual',
  ]);
  expect((await collect())['sietch.circuit_breaker.transitions']).toEqual({
    'name=a,state=closed': 2,
    'name=a,state=half_open': 2,
    'name=a,state=open': 3,
  });
});

test('an open event keeps to the last ten failures of the window, and to those since it last closed', async () => {
  const { Breaker, events } = createObservedClass();
  const breaker = new Breaker(fail, { name: 'a', volumeThreshold: 15 });
  for (let call = 0; call < 15; call++) await quietly(breaker.fire());
  breaker.close();
  breaker.open();
  const failures = events.flatMap((event) => (event.type === 'open' ? [event.failures.length] : []));
  expect(failures).toEqual([10, 0]);
});
