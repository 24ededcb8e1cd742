// Prints how the libraries look from outside, one line a fact: what they export, its functions, classes and prototypes, and fresh instances.
// Usage: REDIS_URL=redis://… node [--require dist/register.js] test/app/looks.cjs
const { inspect } = require('node:util');

const seen = new Map();
const facts = [];
const note = (path, fact) => facts.push([path, fact]);

/** Notes what `value` is and, as long as it is the library's own, what it holds. */
function look(path, value, depth = 6) {
  if (typeof value !== 'function' && (typeof value !== 'object' || value === null)) return note(path, `${typeof value}`);
  const before = seen.get(value);
  if (before !== undefined) return note(path, `same as ${before}`);
  seen.set(value, path);
  const kind = typeof value === 'function' ? describeFunction(value) : Object.prototype.toString.call(value);
  note(path, `${kind}, ${describePrototype(value)}, ${Object.isExtensible(value) ? '' : 'not '}extensible`);
  if (depth === 0) return undefined;
  for (const key of Reflect.ownKeys(value))
    lookAtProperty(`${path}.${String(key)}`, Object.getOwnPropertyDescriptor(value, key), depth - 1);
  return undefined;
}

function lookAtProperty(path, { value, get, set, enumerable, writable, configurable }, depth) {
  const flags = Object.entries({ enumerable, writable, configurable }).filter(([, on]) => on);
  note(path, `[${get ? 'get ' : ''}${set ? 'set ' : ''}${flags.map(([flag]) => flag).join(' ')}]`);
  if (get === undefined && set === undefined) return look(path, value, depth);
  if (get) note(path, `getter ${describeFunction(get)}`);
  if (set) note(path, `setter ${describeFunction(set)}`);
  return undefined;
}

const describeFunction = (value) =>
  `${/^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : value.constructor.name} ${inspect(value.name)} (${value.length})`;
const describePrototype = (value) => {
  const names = [];
  for (let at = Object.getPrototypeOf(value); at !== null; at = Object.getPrototypeOf(at)) names.push(at.constructor?.name);
  return `is ${names.join(' < ') || 'of no prototype'}`;
};

/** An instance: how it prints, its properties, its listeners. Numbers and ids differ from run to run. */
function lookAtInstance(name, instance, Class) {
  const printed = inspect(instance, { depth: 0, breakLength: 140 });
  note(
    `${name} prints`,
    printed
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '#')
      .replaceAll(/\d+/g, '#')
      .replaceAll(/\[Time(r|rsList|out)\]/g, '[Timer]'),
  );
  note(`${name} is`, `${describePrototype(instance)}, instanceof ${instance instanceof Class}, ${instance.constructor === Class}`);
  for (const key of Reflect.ownKeys(instance)) {
    const { enumerable, value } = Object.getOwnPropertyDescriptor(instance, key);
    note(
      `${name} has ${String(key)}`,
      `${enumerable ? 'enumerable ' : ''}${typeof value === 'function' ? describeFunction(value) : typeof value}`,
    );
  }
  for (const key in instance) if (!Object.hasOwn(instance, key)) note(`${name} inherits ${key}`, 'enumerable');
  if (typeof instance.eventNames !== 'function') return;
  for (const event of instance.eventNames()) note(`${name} listens to ${String(event)}`, `${instance.listenerCount(event)}`);
}

const modules = {
  pg: require('pg'),
  ioredis: require('ioredis'),
  bullmq: require('bullmq'),
  opossum: require('opossum'),
  pino: require('pino'),
  express: require('express'),
  fastify: require('fastify'),
  http: require('node:http'),
  https: require('node:https'),
};
for (const [name, exported] of Object.entries(modules)) {
  note(`require(${name}) prints`, inspect(exported, { depth: 0, breakLength: 140 }).replaceAll(/\d{6,}/g, '#'));
  look(name, exported);
}
look('fetch', fetch);
look('process.emit', process.emit);
for (const event of process.eventNames()) note(`process listens to ${String(event)}`, `${process.listenerCount(event)}`);
note('process.env', Object.keys(process.env).sort().join(' '));
note('globals', Object.getOwnPropertyNames(globalThis).sort().join(' '));
note('Error', `${Error.stackTraceLimit} ${typeof Error.prepareStackTrace}`);

async function instances() {
  const { pg, ioredis, bullmq, opossum, pino, express, fastify, http } = modules;
  const connection = { lazyConnect: true, maxRetriesPerRequest: null, ...redisOptions() };
  const client = new pg.Client();
  lookAtInstance('new Client', client, pg.Client);
  lookAtInstance('new Query', new pg.Query('SELECT 1'), pg.Query);
  lookAtInstance('new Pool', new pg.Pool(), pg.Pool);
  const redis = new ioredis.Redis(connection);
  lookAtInstance('new Redis', redis, ioredis.Redis);
  lookAtInstance('pipeline', redis.pipeline(), ioredis.Pipeline);
  lookAtInstance('new Cluster', new ioredis.Cluster(['127.0.0.1:1'], { lazyConnect: true }), ioredis.Cluster);
  lookAtInstance('new Command', new ioredis.Command('get', ['key']), ioredis.Command);
  const queue = new bullmq.Queue('looks', { connection });
  const worker = new bullmq.Worker('looks', async () => 'done', { connection, autorun: false });
  const events = new bullmq.QueueEvents('looks', { connection, autorun: false });
  const flows = new bullmq.FlowProducer({ connection });
  for (const part of [queue, worker, events, flows]) part.on('error', () => {});
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady(), events.waitUntilReady()]);
  lookAtInstance('new Queue', queue, bullmq.Queue);
  lookAtInstance('new Worker', worker, bullmq.Worker);
  lookAtInstance('new QueueEvents', events, bullmq.QueueEvents);
  lookAtInstance('new FlowProducer', flows, bullmq.FlowProducer);
  lookAtInstance('job', await queue.add('job', { a: 1 }), bullmq.Job);
  lookAtInstance('new CircuitBreaker', new opossum(async () => 1, { name: 'looks' }), opossum);
  lookAtInstance('pino()', pino(), Object);
  lookAtInstance('new pino()', new pino(), Object);
  lookAtInstance('pino().child()', pino().child({ a: 1 }), Object);
  lookAtInstance('express()', express(), Function);
  lookAtInstance('fastify()', fastify(), Object);
  lookAtInstance('createServer()', http.createServer(), http.Server);
  await lookAtExchange(http);
}

const redisOptions = () => {
  const { hostname, port, pathname } = new URL(process.env.REDIS_URL);
  return { host: hostname, port: Number(port), db: Number(pathname.slice(1)) };
};

/** A request on both sides, and its response. */
async function lookAtExchange(http) {
  const server = http.createServer((request, response) => {
    lookAtInstance('incoming request', request, http.IncomingMessage);
    note('incoming headers', Object.keys(request.headers).join(' '));
    lookAtInstance('server response', response, http.ServerResponse);
    response.end('answer');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  lookAtInstance('listening server', server, http.Server);
  await new Promise((resolve) => {
    const request = http.get({ port: server.address().port, host: '127.0.0.1' }, (response) => {
      lookAtInstance('incoming response', response, http.IncomingMessage);
      note('response headers', Object.keys(response.headers).join(' '));
      response.resume().on('end', resolve);
    });
    lookAtInstance('outgoing request', request, http.ClientRequest);
    note('outgoing headers', request.getHeaderNames().join(' '));
  });
}

void instances().then(() => {
  process.stdout.write(JSON.stringify(facts), () => process.exit(0));
});
