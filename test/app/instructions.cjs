// One hot operation so many times, for test/guard/instructions.test.ts, which counts the instructions of a short and of a long run. Servers and clients
// are in the process and answer at the next turn of the event loop: how often it waits would depend on how fast somebody else is. What is sent, is sent
// over a real socket.
// Usage: node … test/app/instructions.cjs span|query|command|request 20480
const { createServer } = require('node:http');
const { Duplex } = require('node:stream');
const { SpanKind, trace } = require('@opentelemetry/api');

const [operation, count] = process.argv.slice(2);

/** A socket whose other end is a function from what was written to what is answered. */
class Loopback extends Duplex {
  remoteAddress = '127.0.0.1';
  remotePort = 54321;
  #answer;

  constructor(answer) {
    super();
    this.#answer = answer;
  }

  connect() {
    setImmediate(() => this.emit('connect'));
  }

  _read() {}

  _write(chunk, _encoding, callback) {
    const answer = this.#answer(chunk);
    if (answer !== undefined) setImmediate(() => this.push(answer));
    callback();
  }

  _writev(chunks, callback) {
    this._write(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk))), '', callback);
  }

  setNoDelay() {}
  setKeepAlive() {}
  setTimeout() {}
  ref() {}
  unref() {}
}

/** A message of PostgreSQL's protocol. */
function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : Buffer.from(part))));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const READY = message('Z', [0x49]);
const HELLO = Buffer.concat([message('R', [0, 0, 0, 0]), READY]);
/** One column of type int4, one row with 1 in it. */
const ROW = Buffer.concat([
  message('1'),
  message('2'),
  message('T', [0, 1], 'n', [0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0]),
  message('D', [0, 1, 0, 0, 0, 1, 0x31]),
  message('C', 'SELECT 1'),
  READY,
]);

async function startQueries() {
  const pg = require('pg');
  const stream = new Loopback((chunk) => (chunk[0] === 0 ? HELLO : ROW));
  const client = new pg.Client({ host: 'db.shop', database: 'shop', user: 'shop', stream });
  await client.connect();
  return () => client.query('SELECT $1::int AS n', [1]);
}

async function startCommands() {
  const { Redis } = require('ioredis');
  const value = Buffer.from('$4\r\nJane\r\n');
  class Connector {
    connecting = true;
    async connect() {
      return new Loopback(() => value);
    }
    disconnect() {}
    check() {
      return true;
    }
  }
  const redis = new Redis({ host: 'cache.shop', Connector, enableReadyCheck: false, disableClientInfo: true });
  return () => redis.get('account:7');
}

function startRequests() {
  const server = createServer((_request, response) => response.end('ok'));
  const request = Buffer.from('GET /accounts/7 HTTP/1.1\r\nhost: localhost\r\n\r\n');
  let done;
  const socket = new Loopback(() => {
    setImmediate(done);
    return undefined;
  });
  server.emit('connection', socket);
  return () =>
    new Promise((resolve) => {
      done = resolve;
      socket.push(request);
    });
}

function startSpans() {
  const tracer = trace.getTracer('app');
  const options = { kind: SpanKind.CLIENT };
  let n = 0;
  return () => {
    const attributes = {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'server.port': 5432,
      'app.account': `account ${n++ % 1000}`,
    };
    tracer.startSpan('operation', { ...options, attributes }).end();
    // Full batches go out while more spans are made.
    return new Promise(setImmediate);
  };
}

async function main() {
  const start = { span: startSpans, query: startQueries, command: startCommands, request: startRequests }[operation];
  const work = async () => {
    const operate = await start();
    for (let n = 0; n < Number(count); n++) await operate();
  };
  const inTrace = operation === 'query' || operation === 'command';
  if (inTrace) await trace.getTracer('app').startActiveSpan('work', (span) => work().finally(() => span.end()));
  else await work();
}

// It ends by itself: at process.exit() what is on its way would be sent again.
main().catch((error) => {
  console.error(error);
  process.exit(1);
});
