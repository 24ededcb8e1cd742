// Does one thing with Redis at a time, asked by a message {form, options} and answered with {done, traceId, result}: for exact counts of
// spans and records. A form runs inside a root span of its own.
//
// Usage: REDIS_URL=redis://… node redis-forms.js

const { context, createContextKey, trace, ROOT_CONTEXT } = require('@opentelemetry/api');
const { suppressTracing } = require('@opentelemetry/core');
const { whoWrote } = require('../../dist/index.js');
const Redis = require(process.env.IOREDIS ?? 'ioredis');

/** As the queue integration does for BullMQ (src/context/command-tally.ts). */
function withCommandTally(parent) {
  const tally = { calls: 0, timeMs: 0 };
  return { context: parent.setValue(createContextKey('sietch-otel.command-tally'), tally), tally };
}

const { REDIS_URL, CLUSTER_PORT, PASSWORD } = process.env;
const tracer = trace.getTracer('test');
const outcome = (promise) =>
  promise.then(
    (value) => value,
    (error) => `${error.name}: ${error.message}`,
  );
const event = (emitter, name) => new Promise((resolve) => emitter.once(name, resolve));
/** A client that is connected, outside of any trace. */
const connected = (options = {}) =>
  context.with(ROOT_CONTEXT, async () => {
    const client = new Redis(REDIS_URL, options);
    client.on('error', () => {});
    if (client.status !== 'ready') await event(client, 'ready');
    return client;
  });
const clients = new Map();
/** A client that lives until the app ends. */
async function kept(name, options) {
  if (!clients.has(name)) clients.set(name, await connected(options));
  return clients.get(name);
}
const cluster = () =>
  context.with(ROOT_CONTEXT, async () => {
    if (!clients.has('cluster')) {
      const nodes = new Redis.Cluster([{ host: '127.0.0.1', port: Number(CLUSTER_PORT) }], {
        slotsRefreshTimeout: 5000,
        slotsRefreshInterval: 0,
      });
      await event(nodes, 'ready');
      clients.set('cluster', nodes);
    }
    return clients.get('cluster');
  });

const forms = {
  async plain(redis) {
    return [await redis.set('user:42:cart', 'v'), await redis.get('user:42:cart')];
  },
  callback: (redis) => new Promise((resolve) => redis.get('user:42:cart', (error, value) => resolve([error, value]))),
  error: (redis) => redis.set('text', 'v').then(() => outcome(redis.lpush('text', 'x'))),
  unknown: (redis) => outcome(redis.call('NOSUCH', 'x')),
  upperCase: (redis) => redis.call('GET', 'text'),
  pipeline: (redis) => redis.pipeline().set('p:1', 1).get('p:1').exec(),
  pipelineError: (redis) =>
    redis
      .pipeline()
      .set('text', 'v')
      .lpush('text', 'x')
      .exec()
      .then((results) => results.length),
  multi: (redis) => redis.multi().set('t:1', 1).get('t:1').exec(),
  multiError: (redis) =>
    redis
      .multi()
      .set('text', 'v')
      .lpush('text', 'x')
      .exec()
      .then((results) => results.length),
  multiAborted: (redis) => outcome(redis.multi().set('t:1').get('t:1').exec()),
  async multiByHand(redis) {
    await redis.multi({ pipeline: false });
    await redis.set('t:1', 2);
    return redis.exec();
  },
  async autoPipelining() {
    const redis = await kept('auto', { enableAutoPipelining: true });
    return Promise.all([redis.get('a:1'), redis.get('a:2'), redis.get('a:3')]);
  },
  async offlineQueue() {
    const redis = new Redis(REDIS_URL);
    const results = await Promise.all([redis.set('o:1', 1), redis.get('o:1'), redis.pipeline().get('o:1').exec()]);
    redis.disconnect();
    return results;
  },
  async lazy() {
    const redis = new Redis(REDIS_URL, { lazyConnect: true });
    const value = await redis.get('o:1');
    redis.disconnect();
    return value;
  },
  async failFast() {
    const redis = await context.with(ROOT_CONTEXT, () => new Redis(REDIS_URL, { enableOfflineQueue: false }));
    const result = await outcome(redis.get('o:1'));
    redis.disconnect();
    return result;
  },
  async timeout() {
    const redis = await kept('timeout', { commandTimeout: 300 });
    const answered = event(redis.stream, 'data');
    const result = await outcome(redis.blpop('nothing', 0.8));
    // The answer that comes too late must not count again.
    await answered;
    return result;
  },
  async refused() {
    const redis = new Redis({ port: 1, host: '127.0.0.1', maxRetriesPerRequest: 0, retryStrategy: () => null });
    redis.on('error', () => {});
    return outcome(redis.get('o:1'));
  },
  async ended() {
    const redis = await connected();
    redis.disconnect();
    await event(redis, 'end');
    return outcome(redis.get('o:1'));
  },
  eval: (redis) => redis.eval('return ARGV[1]', 1, 'user:42:lock', 'argument'),
  evalUnknown: (redis) => outcome(redis.evalsha('0123456789012345678901234567890123456789', 1, 'user:42:lock', 'argument')),
  async script(redis) {
    redis.defineCommand('echoed', { numberOfKeys: 1, lua: 'return ARGV[1]' });
    return [await redis.echoed('user:42:lock', 'argument'), await redis.echoed('user:42:lock', 'argument')];
  },
  async scriptFlushed(redis) {
    await redis.script('flush');
    return redis.echoed('user:42:lock', 'argument');
  },
  async pubsub(redis) {
    const subscriber = await kept('subscriber');
    const message = event(subscriber, 'message');
    await subscriber.subscribe('news:1', 'news:2');
    await redis.publish('news:1', 'payload');
    await message;
    return subscriber.unsubscribe('news:1', 'news:2');
  },
  async blocking(redis) {
    const waiter = await kept('waiter');
    const popped = waiter.blpop('jobs', 5);
    await redis.rpush('jobs', 'job');
    return popped;
  },
  async scan(redis) {
    const found = [];
    for await (const keys of redis.scanStream({ match: 'user:42:cart', count: 100000 })) found.push(...keys);
    return found;
  },
  async quit() {
    return (await connected()).quit();
  },
  many: (redis) => redis.mget('user:1', 'user:2', 'shop:3', Buffer.from('user:4')),
  suppressed: (redis) => context.with(suppressTracing(context.active()), () => redis.get('text')),
  async tally(redis) {
    const { context: tallied, tally } = withCommandTally(context.active());
    await context.with(tallied, async () => {
      await redis.get('text');
      await redis.pipeline().get('text').get('text').exec();
    });
    return { calls: tally.calls, timed: tally.timeMs > 0 };
  },
  async unsampledParent(redis) {
    const parent = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 });
    return context.with(trace.setSpan(ROOT_CONTEXT, parent), () => redis.get('text'));
  },
  noParent: (redis) => context.with(ROOT_CONTEXT, () => redis.get('text')),
  /** Three callers in one tick, whose commands auto-pipelining sends together. */
  async threeCallers() {
    const redis = await kept('auto', { enableAutoPipelining: true });
    const calls = [1, 2, 3].map((number) =>
      tracer.startActiveSpan(`caller ${number}`, { root: true }, async (span) => {
        await redis.get(`caller:${number}`);
        span.end();
        return span.spanContext().traceId;
      }),
    );
    return Promise.all(calls);
  },
  /** A client made inside a request: what arrives on it later is not part of the request. */
  async contextOfListeners() {
    const subscriber = new Redis(REDIS_URL);
    const spans = [];
    const message = new Promise((resolve) => subscriber.on('message', () => resolve(spans.push(trace.getActiveSpan() === undefined))));
    await subscriber.subscribe('later');
    const redis = await kept('main');
    await redis.publish('later', 'now');
    await message;
    subscriber.disconnect();
    return spans;
  },
  async slow(redis) {
    await redis.call('DEBUG', 'SLEEP', '0.5');
    await (await kept('waiter')).blpop('nothing', 0.2);
    return 'slept';
  },
  async slowPipeline(redis) {
    const pipeline = redis.pipeline().call('DEBUG', 'SLEEP', '0.5');
    for (let index = 0; index < 30; index++) pipeline.get('text');
    return (await pipeline.exec()).length;
  },
  /** Waits at a server that the test stops, kills or restarts. */
  async hung() {
    const redis = await kept('hung', { commandTimeout: 1000 });
    return outcome(redis.get('text'));
  },
  async hungAgain() {
    return (await kept('hung')).get('text');
  },
  async killed() {
    const redis = await kept('killed', { retryStrategy: () => 20, maxRetriesPerRequest: null });
    const pending = redis.blpop('after the crash', 30);
    process.send({ waiting: true });
    return pending;
  },
  async down() {
    const redis = await kept('down', { maxRetriesPerRequest: 1, retryStrategy: () => 5 });
    return outcome(redis.get('text'));
  },
  async clusterPlain() {
    const nodes = await cluster();
    return [await nodes.set('k:1', 1), await nodes.get('k:1'), await outcome(nodes.lpush('k:1', 'x')), await outcome(nodes.mget('a', 'b'))];
  },
  async clusterGet(_redis, { keys }) {
    const nodes = await cluster();
    return Promise.all(keys.map((key) => nodes.get(key)));
  },
  async clusterPipeline(_redis, { keys }) {
    const nodes = await cluster();
    const pipeline = nodes.pipeline();
    for (const key of keys) pipeline.get(key);
    return pipeline.exec();
  },
  async clusterMulti() {
    return (await cluster()).multi().set('{m}:1', 1).get('{m}:1').exec();
  },
  async clusterWrites(_redis, { keys }) {
    const nodes = await cluster();
    for (const key of keys) await nodes.set(key, 'v', 'EX', 100);
    return 'written';
  },
  async clusterWhoWrote(_redis, { key }) {
    return whoWrote(await cluster(), key);
  },
  async write(_redis, { commands, keyPrefix = '', how = 'plain' }) {
    const redis = await kept(`writer ${keyPrefix}`, { keyPrefix });
    if (how === 'plain') for (const [name, ...args] of commands) await outcome(redis[name](...args));
    else await redis[how](commands).exec();
    return redis.status;
  },
  async betweenTransaction() {
    const redis = await kept('writer ');
    const write = redis.set('traced:before', 'v');
    const begun = redis.multi({ pipeline: false });
    const queued = redis.set('traced:inside', 'v');
    await Promise.all([write, begun, queued]);
    return redis.exec();
  },
  async whoWrote(_redis, { key, keyPrefix = '' }) {
    return whoWrote(await kept(`writer ${keyPrefix}`, { keyPrefix }), key);
  },
  async secrets(_redis, { canary }) {
    const redis = await connected(PASSWORD === undefined ? {} : { password: PASSWORD });
    await redis.set('user:1', canary);
    await redis.hset('hash:1', 'field', canary, canary, 'value');
    await redis.eval('return ARGV[1]', 1, 'user:1', canary);
    await outcome(redis.eval(`return redis.error_reply('MINE ${canary}')`, 0));
    await outcome(redis.eval("return redis.error_reply(ARGV[1] .. ' failed')", 0, canary));
    await redis.publish('news', canary);
    await redis.rpush('list', canary);
    await redis.zadd('z', 1, canary);
    await redis.xadd('stream', '*', 'field', canary);
    await redis.pipeline().set('user:2', canary).append('user:2', canary).exec();
    await redis.multi().set('user:3', canary).exec();
    await outcome(redis.call('NOSUCH', canary));
    await outcome(redis.lpush('user:1', canary));
    await outcome(redis.auth(canary));
    await outcome(redis.auth('someone', canary));
    await outcome(redis.call('AUTH', canary));
    await outcome(redis.hello(2, 'AUTH', 'someone', canary));
    await outcome(redis.config('SET', 'requirepass-that-is-not-there', canary));
    await outcome(redis.get(`session:${canary}`));
    await outcome(redis.echo(canary));
    await redis.sadd('set', canary);
    await redis.setex('user:4', 100, canary);
    await redis.getset('user:4', canary);
    await outcome(redis.call('SETX', canary));
    await outcome(connectedWith(canary));
    redis.disconnect();
    return 'kept';
  },
};

async function connectedWith(password) {
  const redis = new Redis(REDIS_URL, { password, username: 'someone', retryStrategy: null, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  await outcome(redis.get('user:1'));
  redis.disconnect();
}

process.on('message', async ({ form, options = {} }) => {
  try {
    const redis = await kept('main');
    const answer = await tracer.startActiveSpan('root', async (span) => {
      try {
        return { result: await forms[form](redis, options), traceId: span.spanContext().traceId };
      } finally {
        span.end();
      }
    });
    process.send({ done: form, ...answer });
  } catch (error) {
    process.send({ done: form, failed: `${error.stack}` });
  }
});
process.once('disconnect', () => process.exit(0));
