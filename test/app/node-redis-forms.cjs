// Does one thing with node-redis at a time, asked by a message {form, options} and answered with {done, traceId, result}: for exact counts of
// spans and records. A form runs inside a root span of its own.
//
// Usage: REDIS_URL=redis://… [NODE_REDIS=path] node node-redis-forms.cjs

const { createHash } = require('node:crypto');
const { context, createContextKey, trace, ROOT_CONTEXT } = require('@opentelemetry/api');
const { suppressTracing } = require('@opentelemetry/core');
const library = require(process.env.NODE_REDIS ?? 'redis');

/** As the queue integration does for BullMQ (src/context/command-tally.ts). */
function withCommandTally(parent) {
  const tally = { calls: 0, timeMs: 0 };
  return { context: parent.setValue(createContextKey('sietch-otel.command-tally'), tally), tally };
}

const { REDIS_URL, CLUSTER_PORT, SENTINEL_PORT, PASSWORD } = process.env;
const isVersion4 = library.commandOptions !== undefined;
const tracer = trace.getTracer('test');
const outcome = (promise) =>
  promise.then(
    (value) => value,
    (error) => `${error.constructor.name}: ${error.message}`,
  );
const outsideTraces = (run) => context.with(ROOT_CONTEXT, run);
function create(options = {}) {
  const client = library.createClient({ url: REDIS_URL, ...options });
  client.on('error', () => {});
  return client;
}
/** A client that is connected, outside of any trace. */
const connected = (options) =>
  outsideTraces(async () => {
    const client = create(options);
    await client.connect();
    return client;
  });
const clients = new Map();
/** A client that lives until the app ends. */
async function kept(name, options) {
  if (!clients.has(name)) clients.set(name, await connected(options));
  return clients.get(name);
}
/**
 * node-redis connects again at once, and the kernel may close the socket that a dying server listens on after those of its clients: what is sent there fails.
 * Refused, it is gone; ready, another one is there.
 */
const gone = (redis) =>
  new Promise((resolve) => {
    redis.once('ready', resolve).on('error', ({ code }) => code === 'ECONNREFUSED' && resolve());
  });
const cluster = () =>
  outsideTraces(async () => {
    if (!clients.has('cluster')) {
      const nodes = library.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${CLUSTER_PORT}` }] });
      nodes.on('error', () => {});
      await nodes.connect();
      clients.set('cluster', nodes);
    }
    return clients.get('cluster');
  });
const pool = () =>
  outsideTraces(async () => {
    if (!clients.has('pool')) {
      const clientPool = create().createPool({ minimum: 1, maximum: 1 });
      clientPool.on('error', () => {});
      await clientPool.connect();
      clients.set('pool', clientPool);
    }
    return clients.get('pool');
  });
const withSignal = (redis, signal) =>
  isVersion4 ? redis.get(library.commandOptions({ signal }), 'o:1') : redis.withAbortSignal(signal).get('o:1');
const LUA = 'return ARGV[1]';
// 5.0.0 does not export it.
const defineScript = library.defineScript ?? ((own) => ({ ...own, SHA1: createHash('sha1').update(own.SCRIPT).digest('hex') }));
const script = defineScript({
  NUMBER_OF_KEYS: 1,
  FIRST_KEY_INDEX: 1,
  SCRIPT: LUA,
  transformArguments: (key, argument) => [key, argument],
  parseCommand(parser, key, argument) {
    parser.pushKey(key);
    parser.push(argument);
  },
  transformReply: (reply) => reply,
});

const forms = {
  async plain(redis) {
    return [await redis.set('user:42:cart', 'v'), await redis.get('user:42:cart')];
  },
  error: (redis) => redis.set('text', 'v').then(() => outcome(redis.lPush('text', 'x'))),
  unknown: (redis) => outcome(redis.sendCommand(['NOSUCH', 'x'])),
  raw: (redis) => redis.sendCommand(['get', 'text']),
  bytes: (redis) => redis.sendCommand([Buffer.from('GET'), Buffer.from('text')]),
  module: (redis) => outcome(redis.json.get('text')),
  pipeline: (redis) => redis.multi().set('p:1', '1').get('p:1').execAsPipeline(),
  pipelineError: (redis) => outcome(redis.multi().set('text', 'v').lPush('text', 'x').execAsPipeline()),
  multi: (redis) => redis.multi().set('t:1', '1').get('t:1').exec(),
  multiError: (redis) => outcome(redis.multi().set('text', 'v').lPush('text', 'x').exec()),
  multiAborted: (redis) => outcome(redis.multi().addCommand(['SET', 't:1']).get('t:1').exec()),
  async multiByHand(redis) {
    await redis.sendCommand(['MULTI']);
    await redis.sendCommand(['SET', 't:1', '2']);
    return redis.sendCommand(['EXEC']);
  },
  inOneTick: (redis) => Promise.all([redis.get('a:1'), redis.get('a:2'), redis.get('a:3')]),
  async offlineQueue() {
    const redis = create();
    const connecting = redis.connect();
    const results = await Promise.all([redis.set('o:1', '1'), redis.get('o:1')]);
    await connecting;
    await redis.disconnect();
    return results;
  },
  async failFast() {
    const redis = create({ disableOfflineQueue: true });
    const connecting = outsideTraces(() => redis.connect());
    const result = [await outcome(redis.get('o:1')), await outcome(redis.sendCommand(['GET', 'o:1']))];
    await connecting;
    await redis.disconnect();
    return result;
  },
  async full() {
    // What sets a connection up has to fit in too.
    const redis = await connected({ commandsQueueMaxLength: 9 });
    const results = await Promise.all(Array.from({ length: 10 }, () => outcome(redis.get('o:1'))));
    await redis.disconnect();
    return results.at(-1);
  },
  aborted: (redis) => outcome(withSignal(redis, AbortSignal.abort())),
  async abortedLater() {
    const redis = create();
    const controller = new AbortController();
    const connecting = outsideTraces(() => redis.connect());
    const result = outcome(withSignal(redis, controller.signal));
    controller.abort();
    await connecting;
    await redis.disconnect();
    return result;
  },
  async refused() {
    const redis = library.createClient({ socket: { port: 1, host: '127.0.0.1', reconnectStrategy: () => new Error('given up') } });
    redis.on('error', () => {});
    return [await outcome(redis.connect()), await outcome(redis.get('o:1'))];
  },
  async ended() {
    const redis = await connected();
    await redis.disconnect();
    return outcome(redis.get('o:1'));
  },
  eval: (redis) => redis.eval(LUA, { keys: ['user:42:lock'], arguments: ['argument'] }),
  evalUnknown: (redis) =>
    outcome(redis.evalSha('0123456789012345678901234567890123456789', { keys: ['user:42:lock'], arguments: ['argument'] })),
  async script() {
    const redis = await kept('scripts', { scripts: { echoed: script } });
    return [await redis.echoed('user:42:lock', 'argument'), await redis.echoed('user:42:lock', 'argument')];
  },
  async scriptFlushed(redis) {
    await redis.scriptFlush();
    return (await kept('scripts', { scripts: { echoed: script } })).echoed('user:42:lock', 'argument');
  },
  async pubsub(redis) {
    const subscriber = await kept('subscriber');
    let unsubscribed;
    const message = new Promise((resolve) => {
      unsubscribed = subscriber.subscribe(['news:1', 'news:2'], resolve);
    });
    await unsubscribed;
    await redis.publish('news:1', 'payload');
    const result = await message;
    await subscriber.unsubscribe(['news:1', 'news:2']);
    return result;
  },
  async blocking(redis) {
    const waiter = await kept('waiter');
    const popped = waiter.blPop('jobs', 5);
    await redis.rPush('jobs', 'job');
    return popped;
  },
  async scan(redis) {
    const found = [];
    for await (const keys of redis.scanIterator({ MATCH: 'user:42:cart', COUNT: 100000 })) found.push(...[keys].flat());
    return found;
  },
  async quit() {
    return (await connected()).quit();
  },
  async select() {
    const redis = await connected();
    await redis.select(4);
    await redis.get('text');
    await redis.disconnect();
  },
  async isolated(redis) {
    return isVersion4 ? redis.get(library.commandOptions({ isolated: true }), 'text') : (await pool()).get('text');
  },
  /** Two tasks for one client: the second waits for the first. */
  async pooled() {
    const clientPool = await pool();
    const calls = [1, 2, 3].map((number) =>
      tracer.startActiveSpan(`caller ${number}`, { root: true }, async (span) => {
        await clientPool.get(`caller:${number}`);
        span.end();
        return span.spanContext().traceId;
      }),
    );
    return Promise.all(calls);
  },
  async legacy(redis) {
    const legacy = isVersion4 ? await kept('legacy', { legacyMode: true }) : redis.legacy();
    return new Promise((resolve) => legacy.get('text', (error, value) => resolve([error, value, trace.getActiveSpan() !== undefined])));
  },
  async duplicate(redis) {
    const copy = redis.duplicate();
    copy.on('error', () => {});
    await copy.connect();
    const value = await copy.get('text');
    await copy.disconnect();
    return value;
  },
  async cached() {
    const redis = await kept('cached', { RESP: 3, clientSideCache: { ttl: 0, maxEntries: 10 } });
    return [await redis.get('text'), await redis.get('text'), await redis.get('text')];
  },
  many: (redis) => redis.mGet(['user:1', 'user:2', 'shop:3', 'user:4']),
  suppressed: (redis) => context.with(suppressTracing(context.active()), () => redis.get('text')),
  async tally(redis) {
    const { context: tallied, tally } = withCommandTally(context.active());
    await context.with(tallied, async () => {
      await redis.get('text');
      await redis.multi().get('text').get('text').execAsPipeline();
    });
    return { calls: tally.calls, timed: tally.timeMs > 0 };
  },
  async unsampledParent(redis) {
    const parent = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 });
    return context.with(trace.setSpan(ROOT_CONTEXT, parent), () => redis.get('text'));
  },
  noParent: (redis) => outsideTraces(() => redis.get('text')),
  /** A client made inside a request: what arrives on it later is not part of the request. */
  async contextOfListeners() {
    const subscriber = create();
    await subscriber.connect();
    const message = new Promise((resolve) => {
      void subscriber.subscribe('later', () => resolve(trace.getActiveSpan() === undefined));
    });
    await (await kept('main')).publish('later', 'now');
    const result = await message;
    await subscriber.disconnect();
    return result;
  },
  async slow(redis) {
    await redis.sendCommand(['DEBUG', 'SLEEP', '0.5']);
    await (await kept('waiter')).blPop('nothing', 1);
    return 'slept';
  },
  async killed() {
    const redis = await kept('killed', { socket: { reconnectStrategy: () => 20 } });
    const pending = outcome(redis.blPop('after the crash', 30));
    process.send({ waiting: true });
    const failed = await pending;
    await gone(redis);
    return [failed, await redis.get('text')];
  },
  async clusterPlain() {
    const nodes = await cluster();
    return [await nodes.set('k:1', '1'), await nodes.get('k:1'), await outcome(nodes.lPush('k:1', 'x'))];
  },
  async clusterGet(_redis, { keys }) {
    const nodes = await cluster();
    return Promise.all(keys.map((key) => nodes.get(key)));
  },
  async clusterMulti() {
    return (await cluster()).multi().set('{m}:1', '1').get('{m}:1').exec();
  },
  async clusterPipeline(_redis, { keys }) {
    const multi = (await cluster()).multi();
    for (const key of keys) multi.get(key);
    return outcome(multi.execAsPipeline());
  },
  async sentinel() {
    const sentinel = library.createSentinel({ name: 'mymaster', sentinelRootNodes: [{ host: '127.0.0.1', port: Number(SENTINEL_PORT) }] });
    sentinel.on('error', () => {});
    await outsideTraces(() => sentinel.connect());
    const results = [await sentinel.set('s:1', '1'), await sentinel.get('s:1'), await sentinel.use((client) => client.get('s:1'))];
    await sentinel.close();
    return results;
  },
  async write(redis, { commands }) {
    for (const words of commands) await outcome(redis.sendCommand(words));
  },
  async secrets(_redis, { canary }) {
    const redis = await connected(PASSWORD === undefined ? {} : { password: PASSWORD });
    await redis.set('user:1', canary);
    await redis.hSet('hash:1', { field: canary, [canary]: 'value' });
    await redis.eval(LUA, { keys: ['user:1'], arguments: [canary] });
    await outcome(redis.eval(`return redis.error_reply('MINE ${canary}')`));
    await outcome(redis.eval("return redis.error_reply(ARGV[1] .. ' failed')", { arguments: [canary] }));
    await redis.publish('news', canary);
    await redis.rPush('list', canary);
    await redis.zAdd('z', { score: 1, value: canary });
    await redis.xAdd('stream', '*', { field: canary });
    await redis.multi().set('user:2', canary).append('user:2', canary).execAsPipeline();
    await redis.multi().set('user:3', canary).exec();
    await outcome(redis.sendCommand(['NOSUCH', canary]));
    await outcome(redis.lPush('user:1', canary));
    await outcome(redis.sendCommand(['AUTH', canary]));
    await outcome(redis.sendCommand(['AUTH', 'someone', canary]));
    await outcome(redis.sendCommand(['HELLO', '2', 'AUTH', 'someone', canary]));
    await outcome(redis.configSet('requirepass-that-is-not-there', canary));
    await outcome(redis.get(`session:${canary}`));
    await outcome(redis.echo(canary));
    await outcome(redis.subscribe(canary, () => {}));
    await redis.disconnect();
    const refused = create({ username: 'someone', password: canary, socket: { reconnectStrategy: () => new Error('given up') } });
    await outcome(refused.connect());
    await outcome(refused.get(`session:${canary}`));
    return 'kept';
  },
};

process.on('message', async ({ form, options = {} }) => {
  try {
    const redis = await kept('main', PASSWORD === undefined ? {} : { password: PASSWORD });
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
