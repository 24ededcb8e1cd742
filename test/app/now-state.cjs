// An app that `sietch-otel now` looks at: it stays, and does what it is told over IPC. With a number it has so many open requests, and a tenth as many jobs.
const { threadId, Worker } = require('node:worker_threads');

const [kind = 'idle', number = '0'] = process.argv.slice(2);
// As another copy of the package would: the sections are there for all of them.
globalThis[Symbol.for('@sietch/otel.live')] ??= {
  requests: new Set(),
  jobs: new Set(),
  pools: new Set(),
  redis: new Set(),
  breakers: new Set(),
};
const live = globalThis[Symbol.for('@sietch/otel.live')];

if (kind === 'full') {
  const total = Number(number);
  const request = (index) => ({
    method: 'POST',
    route: `/webhooks/${index % 7}`,
    age: total - index,
    traceId: String(index).padStart(32, '0'),
    waitsFor: `pg SELECT ${index}`,
  });
  const job = (index) => ({
    queue: 'webhooks',
    id: String(index),
    attempt: 1,
    age: total / 10 - index,
    traceId: undefined,
    step: 'send',
    lockExpiresIn: 12.5,
    waitsFor: 'no I/O: running or waiting for a promise',
  });
  const of = (length, make) => ({ read: () => Array.from({ length }, (_, index) => make(index)), count: undefined });
  live.requests.add(of(total, request));
  live.jobs.add(of(total / 10, job));
}

if (kind === 'odd') live.breakers.add({ read: () => [{ name: 10n, state: 'closed' }] });

if (kind === 'each') {
  live.requests.add({
    read: () => [{ method: 'GET', route: undefined, age: 62.14, traceId: 'a'.repeat(32), waitsFor: 'GET api.paddle.com 9.0 s' }],
  });
  live.requests.add({
    read: () => {
      throw new Error('a reader that fails');
    },
  });
  live.jobs.add({
    read: () => [
      {
        queue: 'mails',
        id: '7',
        attempt: 2,
        age: 4,
        traceId: undefined,
        step: 'render',
        lockExpiresIn: -3,
        waitsFor: 'pg SELECT orders 3.9 s',
      },
    ],
  });
  live.pools.add({
    read: () => [
      {
        library: 'pg',
        name: 'main',
        size: 2,
        max: 2,
        idle: 1,
        waiting: 3,
        clients: [
          {
            holder: 'POST /orders',
            traceId: 'b'.repeat(32),
            heldFor: 75,
            statement: undefined,
            statementAge: undefined,
            idleInTransactionFor: 74.5,
            stack: 'at checkOut (/app/orders.js:12:3)\nat handle (/app/orders.js:40:9)',
          },
        ],
      },
    ],
  });
  live.redis.add({
    read: () => [
      {
        library: 'ioredis',
        address: '127.0.0.1:6379',
        status: 'reconnecting',
        inFlight: 0,
        offlineQueue: 12,
        oldestCommand: 'get',
        oldestAge: 2,
      },
    ],
  });
  live.breakers.add({ read: () => [{ name: 'paddle\u001b[2J', state: 'open', nextProbeIn: 4.2 }] });
}

if (kind === 'threads') {
  new Worker('setInterval(() => {}, 1000)', { eval: true });
}

/** Blocks the event loop without using the CPU. */
function block(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

const orders = {
  block: ({ ms }) => process.send({ blocking: true }, () => block(ms)),
  exit: () => process.exit(0),
  end: () => process.disconnect(),
};
process.on('message', (message) => orders[message.order]?.(message));
// As an app that listens: the socket is opened at once.
if (kind !== 'brief') {
  const server = require('node:http').createServer((_request, response) => response.end('ok'));
  process.once('disconnect', () => server.close());
  server.listen(0, '127.0.0.1', () => process.send?.({ threadId }));
}
