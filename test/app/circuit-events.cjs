// Usage: node test/app/circuit-events.cjs
// Does with opossum all that can be done with it, and prints every event, result and visible property: with and without the preload the same.
const EventEmitter = require('node:events');

const EVENTS = [
  'fire',
  'reject',
  'timeout',
  'success',
  'failure',
  'open',
  'close',
  'halfOpen',
  'cacheHit',
  'cacheMiss',
  'coalesceCacheHit',
];
EVENTS.push('coalesceCacheMiss', 'semaphoreLocked', 'fallback', 'shutdown', 'healthCheckFailed');

const log = (...line) => console.log(JSON.stringify(line));
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const describe = (value) => (value instanceof Error ? `${value.name} ${value.code ?? ''} ${value.message}` : value);

function follow(breaker, name) {
  for (const event of EVENTS) {
    // Latencies differ from run to run.
    breaker.on(event, (first) => log(name, event, describe(first instanceof Promise ? 'promise' : first), breaker.toJSON().state.open));
  }
  return breaker;
}

async function settle(name, promise) {
  await promise.then(
    (result) => log(name, 'resolved', describe(result)),
    (error) => log(name, 'rejected', describe(error)),
  );
}

async function ways(CircuitBreaker) {
  const create = (name, action, options) => follow(new CircuitBreaker(action, { name, timeout: 5000, ...options }), name);
  const fail = async () => {
    throw Object.assign(new Error('no'), { code: 'ENO' });
  };

  const steady = create('steady', async (a, b) => a + b);
  await settle('steady', steady.fire(1, 2));
  await settle('steady', steady.call({}, 3, 4));
  await settle(
    'sync',
    create('sync', () => {
      throw new Error('sync');
    }).fire(),
  );
  await settle('undefined', create('undefined', () => undefined).fire());
  await settle('value', create('value', 7).fire());

  const opening = create('opening', fail, { resetTimeout: 500 });
  await settle('opening', opening.fire());
  await settle('opening', opening.fire());
  await new Promise((resolve) => opening.once('halfOpen', resolve));
  opening.options.resetTimeout = 60_000;
  await settle('opening', opening.fire());
  opening.close();
  opening.open();
  opening.fallback((error) => `instead of ${error.code}`);
  await settle('opening', opening.fire());

  await settle('slow', create('slow', () => wait(10_000), { timeout: 20 }).fire());
  const filtered = create('filtered', fail, { errorFilter: (error) => error.code === 'ENO' });
  await settle('filtered', filtered.fire());
  const slowFiltered = create('slowFiltered', () => wait(10_000), { timeout: 20, errorFilter: () => true });
  await settle('slowFiltered', slowFiltered.fire());
  const narrow = create('narrow', () => wait(30), { capacity: 1, errorThresholdPercentage: 99 });
  await Promise.all([settle('narrow 1', narrow.fire()), settle('narrow 2', narrow.fire())]);
  const badFallback = create('badFallback', fail).fallback(() => {
    throw new Error('fallback');
  });
  await settle('badFallback', badFallback.fire());

  const cached = create('cached', async () => 'kept', { cache: true });
  await settle('cached', cached.fire());
  await settle('cached', cached.fire());
  const joined = create('joined', () => wait(20), { coalesce: true });
  await Promise.all([settle('joined 1', joined.fire()), settle('joined 2', joined.fire())]);

  const disabled = create('disabled', async () => 1, { enabled: false });
  await settle('disabled', disabled.fire());
  // A thenable that does its work whenever it is waited for, as query builders are.
  const lazy = Object.defineProperty({}, 'then', { value: (done) => done(log('lazy then')) });
  disabled.action = () => lazy;
  log('disabled', 'same thenable', disabled.fire() === lazy);
  await settle('restored', create('restored', async () => 1, { state: { closed: false } }).fire());
  const outer = create('outer', () => opening.fire());
  opening.fallback(undefined);
  await settle('outer', outer.fire());
  const checked = create('checked', async () => 1);
  checked.healthCheck(fail, 60_000);
  await wait(5);
  await settle('checked', checked.fire());
  steady.shutdown();
  await settle('steady', steady.fire());
}

function looks(CircuitBreaker) {
  const action = async () => 1;
  const breaker = new CircuitBreaker(action, { name: 'looks' });
  const own = () => {};
  breaker.on('open', own);
  log('class', CircuitBreaker.name, CircuitBreaker.length, Object.getOwnPropertyNames(CircuitBreaker), Object.keys(CircuitBreaker));
  log('prototype', Object.keys(CircuitBreaker.prototype), CircuitBreaker.prototype.constructor === CircuitBreaker);
  log('instance', breaker instanceof CircuitBreaker, breaker instanceof EventEmitter, Object.keys(breaker), breaker.eventNames());
  log(
    'listeners',
    breaker.eventNames().map((name) => breaker.listenerCount(name)),
    breaker.listeners('open').includes(own),
  );
  breaker.off('open', own);
  log('off', breaker.listenerCount('open'));
  for (const listener of breaker.listeners('success')) breaker.off('success', listener);
  log('off its own', breaker.listenerCount('success'));
  class Sub extends CircuitBreaker {
    on(...args) {
      return super.on(...args);
    }
  }
  const sub = new Sub(action, { name: 'sub' });
  log(
    'subclass',
    sub instanceof Sub,
    sub.listenerCount('success'),
    CircuitBreaker.isOurError(new Error('x')),
    typeof CircuitBreaker.newStatus({}),
  );
  try {
    new CircuitBreaker();
  } catch (error) {
    log('no action', describe(error));
  }
}

module.exports = async (CircuitBreaker) => {
  // opossum's own timers keep no process alive.
  setInterval(() => {}, 1000);
  looks(CircuitBreaker);
  await ways(CircuitBreaker);
};

if (require.main === module) void module.exports(require('opossum')).then(() => process.exit());
