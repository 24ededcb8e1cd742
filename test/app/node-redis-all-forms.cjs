// Uses node-redis in every way there is and prints what it sees: results, errors, order of events. The output must be the same with and without
// the preload.
//
// Usage: REDIS_URL=redis://… [CLUSTER_PORT=…] [NODE_REDIS=path] node node-redis-all-forms.cjs
const { inspect } = require('node:util');

const { REDIS_URL, CLUSTER_PORT } = process.env;

module.exports = async function run(library) {
  const isVersion4 = library.commandOptions !== undefined;
  const print = (...values) =>
    console.log(values.map((value) => (typeof value === 'string' ? value : inspect(value, { depth: 4 }))).join(' '));
  const failure = (error) => `${error?.constructor?.name} ${error?.name}: ${error?.message} ${Object.keys(error ?? {})}`;
  const outcome = async (promise) => {
    try {
      return await promise;
    } catch (error) {
      return failure(error);
    }
  };
  process.on('unhandledRejection', (error) => print('unhandled:', failure(error)));

  const client = library.createClient({ url: REDIS_URL });
  for (const name of ['connect', 'ready', 'end', 'error', 'reconnecting'])
    client.on(name, (error) => print('event', name, error?.message ?? ''));
  print('before connect:', await outcome(client.get('a')), client.isOpen, client.isReady);
  const connecting = client.connect();
  print('connecting:', connecting.constructor === Promise, client.isOpen, client.isReady);
  const early = client.set('early', '1');
  print('connected:', (await connecting) === client, await early, client.isReady);
  await client.flushAll();

  // Plain calls, promises, results.
  const promise = client.set('a', '1');
  print('promise:', promise.constructor === Promise, await promise);
  print(await client.get('a'), await client.get('nothing'), await client.incr('a'), await client.mGet(['a', 'nothing']));
  print(
    await client.hSet('hash', { field: 'value', other: '2' }),
    await client.hGetAll('hash'),
    await client.zAdd('z', [{ score: 1, value: 'm' }]),
  );
  print(await client.sendCommand(['GET', 'a']), await outcome(client.sendCommand(['NOSUCH'])), await outcome(client.lPush('a', 'x')));
  print(
    'not a value:',
    await outcome((async () => client.set('a', undefined))()),
    await outcome((async () => client.sendCommand(['SET', 'a', {}]))()),
  );
  print('not a command:', await outcome((async () => client.sendCommand())()));
  print(await client.type('a'), await client.exists(['a', 'hash']), await client.expire('a', 100));
  print('bytes:', await client.sendCommand(['SETRANGE', 'bytes', '0', Buffer.from([1, 2, 255])]));
  print('module:', await outcome(client.json.get('a')), await outcome(client.ft.info('index')));

  // An unhandled rejection stays one, and one that is handled stays handled.
  void client.sendCommand(['LPUSH', 'a', 'x']);
  void client.lPush('a', 'x');
  client.sendCommand(['LPUSH', 'a', 'y']).catch(() => print('handled'));
  await new Promise((resolve) => setTimeout(resolve, 50));

  // Order.
  const order = [];
  await Promise.all([
    client.set('o', '1').then(() => order.push('set')),
    client.get('o').then((value) => order.push(`get ${value}`)),
    client.sendCommand(['GET', 'o']).then(() => order.push('raw')),
    outcome(client.lPush('o', 'x')).then(() => order.push('error')),
    client
      .multi()
      .get('o')
      .incr('o')
      .exec()
      .then((replies) => order.push(`multi ${replies}`)),
    client
      .multi()
      .get('o')
      .incr('o')
      .execAsPipeline()
      .then((replies) => order.push(`pipeline ${replies}`)),
    client.get('o').then((value) => order.push(`get ${value}`)),
  ]);
  print('order:', order);
  const ticks = [];
  const first = client.sendCommand(['GET', 'o']).then(() => {
    ticks.push('reply');
    process.nextTick(() => ticks.push('tick'));
    queueMicrotask(() => ticks.push('microtask'));
  });
  await Promise.all([
    first,
    client.sendCommand(['GET', 'o']).then(() => ticks.push('reply 2')),
    client.get('o').then(() => ticks.push('reply 3')),
  ]);
  await new Promise(setImmediate);
  print('ticks:', ticks);

  // Transactions and pipelines.
  print(await client.multi().set('t', '1').get('t').exec(), await outcome(client.multi().set('t', 'x').incr('t').get('t').exec()));
  print(await outcome(client.multi().addCommand(['SET', 't']).exec()), await client.multi().exec(), await client.multi().execAsPipeline());
  print(await outcome(client.multi().set('t', 'x').incr('t').execAsPipeline()));
  print(await client.sendCommand(['MULTI']), await client.sendCommand(['GET', 't']), await client.sendCommand(['EXEC']));
  await client.watch('t');
  const other = client.duplicate();
  other.on('error', () => {});
  await other.connect();
  await other.set('t', 'changed');
  print('watched:', await outcome(client.multi().get('t').exec()));

  // Scripts.
  print(await client.eval('return {ARGV[1], 2}', { keys: ['k'], arguments: ['v'] }), await outcome(client.eval('return nonsense(')));
  print(await outcome(client.evalSha('0'.repeat(40), { keys: [], arguments: [] })));
  const scripts = library.defineScript && {
    double: library.defineScript({
      NUMBER_OF_KEYS: 1,
      FIRST_KEY_INDEX: 1,
      SCRIPT: 'return redis.call("GET", KEYS[1]) * 2',
      transformArguments: (key) => [key],
      parseCommand: (parser, key) => parser.pushKey(key),
      transformReply: (reply) => `reply ${reply}`,
    }),
  };
  if (scripts) {
    const scripted = library.createClient({ url: REDIS_URL, scripts });
    await scripted.connect();
    print(
      await scripted.set('two', '2'),
      await scripted.double('two'),
      await scripted.double('two'),
      await outcome(scripted.double('hash')),
    );
    print(await scripted.multi().double('two').exec());
    await scripted.disconnect();
  }

  // Pub/sub.
  const messages = [];
  let last;
  const received = new Promise((resolve) => {
    last = resolve;
  });
  const subscriber = client.duplicate();
  subscriber.on('error', (error) => print('subscriber', error.message));
  await subscriber.connect();
  const listener = (message, channel) => {
    messages.push([message, channel]);
    if (message === 'last') last();
  };
  print('subscribed:', await subscriber.subscribe('news', listener), await subscriber.pSubscribe('ne*', listener));
  print(await client.publish('news', 'first'), await client.publish('news', 'last'));
  await received;
  await new Promise((resolve) => setTimeout(resolve, 20));
  print(messages, subscriber.isPubSubActive, await outcome(subscriber.ping()));
  print('unsubscribed:', await subscriber.unsubscribe('news', listener), await subscriber.pUnsubscribe(), subscriber.isPubSubActive);
  await subscriber.disconnect();

  // Iterators, blocking commands, options of commands.
  const found = [];
  for await (const keys of client.scanIterator({ MATCH: 'has*', COUNT: 1000 })) found.push(...[keys].flat());
  const popped = other.blPop('jobs', 5);
  await client.rPush('jobs', 'job');
  print(found, await popped, await other.blPop('nothing', 1));
  const { signal } = Object.assign(new AbortController(), {});
  const aborted = AbortSignal.abort();
  if (isVersion4) {
    const { commandOptions } = library;
    print(await client.get(commandOptions({ returnBuffers: true }), 'a'), await client.get(commandOptions({ isolated: true }), 'a'));
    print(await client.get(commandOptions({ signal }), 'a'), await outcome(client.get(commandOptions({ signal: aborted }), 'a')));
    print(await client.executeIsolated(async (isolated) => [isolated === client, await isolated.get('a')]));
    const legacy = library.createClient({ url: REDIS_URL, legacyMode: true });
    await legacy.connect();
    await new Promise((resolve) => legacy.get('a', (error, value) => resolve(print('legacy:', error, value))));
    await new Promise((resolve) => legacy.lpush('a', 'x', (error, value) => resolve(print('legacy:', error?.message, value))));
    await new Promise((resolve) =>
      legacy
        .multi()
        .set('l', 1)
        .get('l')
        .exec((error, value) => resolve(print('legacy:', error, value))),
    );
    print(await legacy.v4.get('a'), legacy.get('a'));
    await legacy.disconnect();
  } else {
    print(
      await client.withTypeMapping({ 36: Buffer }).get('a'),
      await client.withAbortSignal(signal).get('a'),
      await client.asap().get('a'),
    );
    print(await outcome(client.withAbortSignal(aborted).get('a')));
    const legacy = client.legacy();
    await new Promise((resolve) => legacy.get('a', (error, value) => resolve(print('legacy:', error, value))));
    await new Promise((resolve) =>
      legacy.sendCommand('lpush', 'a', 'x', (error, value) => resolve(print('legacy:', error?.message, value))),
    );
    await new Promise((resolve) =>
      legacy
        .multi()
        .set('l', '1')
        .get('l')
        .exec((error, value) => resolve(print('legacy:', error, value))),
    );
    const pool = client.createPool({ minimum: 1, maximum: 2 });
    pool.on('error', (error) => print('pool', error.message));
    await pool.connect();
    print(
      'pool:',
      await Promise.all([1, 2, 3, 4].map((number) => pool.set(`p:${number}`, String(number)))),
      await pool.multi().get('p:1').get('p:2').exec(),
    );
    print(
      await pool.execute(async (own) => [await own.incr('p:1'), own === client]),
      await outcome(pool.execute(async () => Promise.reject(new Error('mine')))),
    );
    await pool.close();
    const cached = library.createClient({ url: REDIS_URL, RESP: 3, clientSideCache: { ttl: 0, maxEntries: 10 } });
    cached.on('error', (error) => print('cached', error.message));
    await cached.connect();
    print('cached:', await cached.get('a'), await cached.get('a'), await client.set('a', 'new'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    print(await cached.get('a'));
    await cached.disconnect();
    const monitoring = client.duplicate();
    await monitoring.connect();
    const seen = new Promise((resolve) => monitoring.monitor((line) => resolve(String(line).replace(/^\S+ \[\d+ \S+\]/, ''))));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.echo('watched');
    print('monitor:', await seen);
    await monitoring.disconnect();
  }
  print(await client.select(5), await client.get('a'), await client.select(3), await client.get('hash').catch(failure));

  // A full queue, no offline queue, no server.
  const narrow = library.createClient({ url: REDIS_URL, commandsQueueMaxLength: 12 });
  await narrow.connect();
  print('full:', (await Promise.all(Array.from({ length: 14 }, () => outcome(narrow.get('o'))))).slice(-4));
  await narrow.disconnect();
  const impatient = library.createClient({ url: REDIS_URL, disableOfflineQueue: true });
  const opening = impatient.connect();
  print('offline:', await outcome(impatient.get('o')), await outcome(impatient.sendCommand(['GET', 'o'])));
  await opening;
  print(await impatient.get('o'));
  await impatient.disconnect();
  const lost = library.createClient({
    socket: { host: '127.0.0.1', port: 1, reconnectStrategy: (retries) => (retries > 1 ? new Error('given up') : 1) },
  });
  lost.on('error', (error) => print('lost', error.message ?? error.code));
  print(await outcome(lost.connect()), await outcome(lost.get('a')));

  // A connection that the server closes: what waits fails, and the client comes back.
  const killed = client.duplicate();
  killed.on('error', (error) => print('killed', error.message));
  await killed.connect();
  const id = await killed.sendCommand(['CLIENT', 'ID']);
  const waiting = outcome(killed.blPop('nothing', 5));
  await client.sendCommand(['CLIENT', 'KILL', 'ID', String(id)]);
  print('killed:', await waiting, await killed.get('o'));
  await killed.disconnect();

  if (CLUSTER_PORT !== undefined) {
    const cluster = library.createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${CLUSTER_PORT}` }] });
    cluster.on('error', (error) => print('cluster', error.message));
    await cluster.connect();
    print(
      'cluster:',
      await cluster.set('c', '1'),
      await cluster.get('c'),
      await outcome(cluster.lPush('c', 'x')),
      await cluster.multi().get('c').incr('c').exec(),
    );
    print(await cluster.sendCommand('c', true, ['GET', 'c']), await outcome(cluster.multi().get('c').incr('c').execAsPipeline()));
    await cluster.disconnect();
  }

  // What one can see of a client.
  print(
    'keys:',
    Object.keys(client).sort(),
    Object.getOwnPropertySymbols(client)
      .map(String)
      .filter((name) => !name.includes('sietch')),
  );
  for (const name of ['sendCommand', 'connect', 'get', 'multi', 'duplicate', 'quit']) print(name, client[name].name, client[name].length);
  await other.disconnect();
  print('quit:', await client.quit(), client.isOpen, await outcome(client.get('a')), await outcome(client.quit()));
  print('end');
};

if (require.main === module) void module.exports(require(process.env.NODE_REDIS ?? 'redis'));
