// Uses ioredis in every way there is and prints what it sees: results, errors, order of events. The output must be the same with and without
// the preload, so nothing in it depends on time or ports.
//
// Usage: REDIS_URL=redis://… [CLUSTER_PORT=…] [IOREDIS=path] node redis-all-forms.js

const { AsyncLocalStorage } = require('node:async_hooks');
const { inspect } = require('node:util');

const { REDIS_URL, CLUSTER_PORT, IOREDIS = 'ioredis' } = process.env;
const storage = new AsyncLocalStorage();

/** Values with Buffers, errors with their fields, as text. */
function show(value) {
  if (value instanceof Error) {
    const { name, message, code, command, previousErrors } = value;
    return { error: name, message: message.replace(/127\.0\.0\.1:\d+/, 'HOST'), code, command, previousErrors: previousErrors?.map(show) };
  }
  if (Array.isArray(value)) return value.map(show);
  return value;
}

function print(label, value) {
  console.log(`${label}: ${inspect(show(value), { depth: 8, breakLength: Number.POSITIVE_INFINITY, maxArrayLength: 50 })}`);
}

const outcome = (promise) => Promise.resolve(promise).then(show, show);

async function plainCalls(redis) {
  print('set', await redis.set('plain', 'v', 'EX', 100));
  print('get', await redis.get('plain'));
  print('getBuffer', await redis.getBuffer('plain'));
  print('set buffer', await redis.set(Buffer.from('buffer'), Buffer.from([0, 255, 10])));
  print('get buffer', await redis.getBuffer(Buffer.from('buffer')));
  print('number', await redis.set('number', 42).then(() => redis.incr('number')));
  print('hset object', await redis.hset('hash', { a: 1, b: 'two' }));
  print('hgetall', await redis.hgetall('hash'));
  print(
    'mset map',
    await redis.mset(
      new Map([
        ['m1', '1'],
        ['m2', '2'],
      ]),
    ),
  );
  print('mget', await redis.mget('m1', ['m2', 'missing']));
  print('call', await redis.call('GET', 'plain'));
  print('call lower', await redis.call('set', ['called', 'x']));
  print('unknown command', await outcome(redis.call('NOSUCH', 'a')));
  print('wrong type', await outcome(redis.lpush('plain', 'x')));
  print('bad arguments', await outcome(redis.set('only-key')));
  print('zset', await redis.zadd('z', 1, 'one', 2, 'two').then(() => redis.zrange('z', 0, -1, 'WITHSCORES')));
  print('stream', (await redis.xadd('s', '*', 'f', 'v')).length > 5);
}

async function callbacks(redis) {
  const seen = [];
  await new Promise((resolve) => {
    const returned = redis.get('plain', (error, value) => {
      seen.push(['get', error, value, storage.getStore()]);
      redis.lpush('plain', 'x', (failure) => {
        seen.push(['lpush', show(failure), storage.getStore()]);
        resolve();
      });
    });
    seen.push(['returns a promise', returned instanceof Promise]);
  });
  print('callbacks', seen);
}

async function order(redis) {
  const log = [];
  const first = redis.get('plain').then(() => log.push('first'));
  const second = redis.get('plain', () => log.push('second callback')).then(() => log.push('second'));
  process.nextTick(() => log.push('tick'));
  queueMicrotask(() => log.push('microtask'));
  const third = redis.lpush('plain', 'x').catch(() => log.push('third failed'));
  log.push('sync');
  await Promise.all([first, second, third]);
  print('order', log);
}

async function pipelines(redis) {
  const seen = [];
  const pipeline = redis
    .pipeline()
    .set('p', 1)
    .get('p', (error, value) => seen.push([error, value]));
  print('pipeline length', pipeline.length);
  print('pipeline', await pipeline.lpush('p', 'x').getBuffer('p').exec());
  print('pipeline callbacks', seen);
  print(
    'pipeline array',
    await redis
      .pipeline([
        ['set', 'p', '2'],
        ['get', 'p'],
      ])
      .exec(),
  );
  print('pipeline empty', await redis.pipeline().exec());
  await new Promise((resolve) =>
    redis
      .pipeline()
      .incr('p')
      .exec((error, results) => resolve(print('pipeline callback', [error, results]))),
  );
}

async function transactions(redis) {
  print('multi', await redis.multi().set('t', 1).incr('t').lpush('t', 'x').exec());
  print(
    'multi array',
    await redis
      .multi([
        ['set', 't', '5'],
        ['get', 't'],
      ])
      .exec(),
  );
  print('multi aborted', await outcome(redis.multi().set('t').get('t').exec()));
  print('multi without pipeline', await redis.multi({ pipeline: false }));
  print('queued', [await redis.set('t', 7), await redis.incr('t')]);
  print('exec', await redis.exec());
  await redis.multi({ pipeline: false });
  print('discard', await redis.discard());
  print('exec without multi', await outcome(redis.exec()));
  await redis.watch('t');
  await redis.set('t', 1);
  print('watched', await redis.multi().incr('t').exec());
}

async function scripts(redis) {
  print('eval', await redis.eval('return {KEYS[1], ARGV[1], 3}', 1, 'k', 'a'));
  print('eval error', await outcome(redis.eval("return redis.error_reply('MINE of a script')", 0)));
  print('evalsha unknown', await outcome(redis.evalsha('0123456789012345678901234567890123456789', 0)));
  redis.defineCommand('double', { numberOfKeys: 1, lua: "return redis.call('incrby', KEYS[1], ARGV[1] * 2)" });
  print('script', [await redis.double('counter', 2), await redis.double('counter', 3)]);
  await redis.script('flush');
  print('script after flush', await redis.double('counter', 1));
  print('script in pipeline', await redis.pipeline().double('counter', 1).get('counter').exec());
  print('script in multi', await redis.multi().double('counter', 1).exec());
}

async function autoPipelining(Redis) {
  const redis = new Redis(REDIS_URL, { enableAutoPipelining: true });
  const results = await storage.run('auto', () =>
    Promise.all([
      redis.set('auto', 1),
      redis.get('auto'),
      outcome(redis.lpush('auto', 'x')),
      redis.incr('auto').then((n) => [n, storage.getStore()]),
    ]),
  );
  print('auto-pipelining', results);
  print('auto-pipelining queue', redis.autoPipelineQueueSize);
  await redis.quit();
}

async function offlineQueue(Redis) {
  const redis = new Redis(REDIS_URL);
  print('before ready', [
    redis.status,
    ...(await Promise.all([redis.set('offline', 1), redis.get('offline'), redis.pipeline().get('offline').exec()])),
  ]);
  redis.disconnect();
  const lazy = new Redis(REDIS_URL, { lazyConnect: true });
  print('lazy', [lazy.status, await lazy.get('offline'), lazy.status]);
  print('connected already', await outcome(lazy.connect()));
  lazy.disconnect();
  const failFast = new Redis(REDIS_URL, { enableOfflineQueue: false });
  print('fail fast', await outcome(failFast.get('offline')));
  await new Promise((resolve) => failFast.once('ready', resolve));
  print('fail fast when ready', await failFast.get('offline'));
  failFast.disconnect();
}

async function deadlines(Redis) {
  const redis = new Redis(REDIS_URL, { commandTimeout: 500 });
  await redis.ping();
  print('command timeout', await outcome(redis.blpop('nothing', 2)));
  redis.disconnect();
}

async function refused(Redis) {
  const events = [];
  const redis = new Redis({ port: 1, host: '127.0.0.1', maxRetriesPerRequest: 1, retryStrategy: (times) => (times > 3 ? null : 1) });
  for (const name of ['connect', 'ready', 'error', 'close', 'reconnecting', 'end']) {
    redis.on(name, (value) => events.push(value instanceof Error ? [name, value.code] : name));
  }
  print('refused', await outcome(redis.get('x')));
  await new Promise((resolve) => redis.once('end', resolve));
  print('refused events', events);
  print('after end', await outcome(redis.get('x')));
}

async function events(Redis) {
  const seen = [];
  const redis = new Redis(REDIS_URL, { lazyConnect: true, connectionName: 'forms' });
  for (const name of ['wait', 'connecting', 'connect', 'ready', 'error', 'close', 'end', 'select']) redis.on(name, () => seen.push(name));
  print(
    'listeners',
    redis.eventNames().map((name) => [name, redis.listenerCount(name)]),
  );
  await redis.connect(() => seen.push(['connect callback', storage.getStore()]));
  seen.push('connected');
  print('name', await redis.client('GETNAME'));
  await redis.select(1);
  print('quit', await redis.quit());
  await new Promise((resolve) => (redis.status === 'end' ? resolve() : redis.once('end', resolve)));
  print('events', seen);
}

async function publishing(Redis, redis) {
  const subscriber = new Redis(REDIS_URL);
  const messages = [];
  const all = new Promise((resolve) => {
    subscriber.on('message', (channel, message) => messages.push([channel, message]));
    subscriber.on('pmessage', (pattern, channel, message) => {
      messages.push([pattern, channel, message]);
      resolve();
    });
  });
  print('subscribe', await subscriber.subscribe('c1', 'c2'));
  print('psubscribe', await subscriber.psubscribe('p*'));
  print('publish', [await redis.publish('c1', 'hello'), await redis.publish('p1', 'pattern')]);
  await all;
  print('messages', messages);
  print('unsubscribe', [await subscriber.unsubscribe('c1', 'c2'), await subscriber.punsubscribe('p*')]);
  subscriber.disconnect();
}

async function blocking(Redis, redis) {
  const waiter = new Redis(REDIS_URL);
  const popped = waiter.blpop('list', 5);
  await waiter.duplicate().quit();
  await redis.rpush('list', 'element');
  print('blpop', await popped);
  print('blpop in vain', await waiter.blpop('list', 0.05));
  waiter.disconnect();
}

async function streams(redis) {
  const found = [];
  for await (const keys of redis.scanStream({ match: 'm?' })) found.push(...keys);
  print('scan', found.sort());
}

async function prefixes(Redis) {
  const redis = new Redis(REDIS_URL, { keyPrefix: 'pre:' });
  await redis.set('a', 1);
  print('prefixed', [await redis.get('a'), await redis.keys('pre:*'), await redis.eval('return KEYS[1]', 1, 'a')]);
  redis.disconnect();
}

async function unhandled(redis) {
  const rejections = [];
  const listener = (reason) => rejections.push(show(reason));
  process.on('unhandledRejection', listener);
  redis.lpush('plain', 'nobody handles this');
  redis.lpush('plain', 'a callback does', () => {});
  await redis.ping();
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', listener);
  print('unhandled rejections', rejections);
}

async function monitoring(redis) {
  const monitor = await redis.monitor();
  const seen = new Promise((resolve) => monitor.once('monitor', (_time, args) => resolve(args)));
  print('command while monitoring', await outcome(monitor.get('x')));
  await redis.get('monitored');
  print('monitor', await seen);
  monitor.disconnect();
}

async function cluster(Redis) {
  if (CLUSTER_PORT === undefined) return;
  const nodes = new Redis.Cluster([{ host: '127.0.0.1', port: Number(CLUSTER_PORT) }]);
  print('cluster', [await nodes.set('{a}1', 1), await nodes.get('{a}1'), await nodes.mget('{a}1', '{a}2')]);
  print('cluster pipeline', await nodes.pipeline().incr('{a}1').get('{a}1').exec());
  print('cluster multi', await nodes.multi().incr('{a}1').get('{a}1').exec());
  print('cluster cross slot', await outcome(nodes.mget('a', 'b')));
  print('cluster error', await outcome(nodes.lpush('{a}1', 'x')));
  print('cluster script', await nodes.eval('return KEYS[1]', 1, '{a}1'));
  await nodes.quit();
  const automatic = new Redis.Cluster([{ host: '127.0.0.1', port: Number(CLUSTER_PORT) }], { enableAutoPipelining: true });
  print('cluster auto-pipelining', await Promise.all([automatic.get('{a}1'), automatic.get('{b}1'), automatic.get('{c}1')]));
  await automatic.quit();
}

async function run(Redis) {
  const redis = new Redis(REDIS_URL);
  await redis.flushdb();
  await storage.run('store', async () => {
    await plainCalls(redis);
    await callbacks(redis);
    await order(redis);
    await pipelines(redis);
    await transactions(redis);
    await scripts(redis);
    await autoPipelining(Redis);
    await offlineQueue(Redis);
    await deadlines(Redis);
    await refused(Redis);
    await events(Redis);
    await publishing(Redis, redis);
    await blocking(Redis, redis);
    await streams(redis);
    await prefixes(Redis);
    await unhandled(redis);
    await monitoring(redis);
    await cluster(Redis);
    print('store at the end', storage.getStore());
  });
  print('own keys of the client', Object.keys(redis).sort());
  print('statics', [Redis.name, typeof Redis.Cluster, typeof Redis.Command, Object.hasOwn(Redis.prototype, 'sendCommand')]);
  await redis.quit();
}

module.exports = { run };
if (require.main === module) void run(require(IOREDIS));
