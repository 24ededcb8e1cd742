// Works for two routes, a queue, a server without routes and nobody, before and after waiting. Tells by `process.send` when it does.
// Usage: node --require @sietch/otel/register test/app/profiled.cjs redis://… [secret]
const { Queue, Worker } = require('bullmq');
const express = require('express');
const http = require('node:http');
const Redis = require('ioredis');

const [redisUrl, secret = 'none'] = process.argv.slice(2);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const connection = () => new Redis(redisUrl, { maxRetriesPerRequest: null });

const burn = (ms) => {
  const end = performance.now() + ms;
  let sum = 0;
  while (performance.now() < end) for (let index = 0; index < 1_000; index++) sum += Math.sqrt(index);
  return sum;
};

async function answerOrder(_request, response) {
  burn(10);
  await turn();
  burn(20);
  response.send('order');
}

async function main() {
  const app = express();
  app.get('/orders/:id', answerOrder);
  app.get('/cheap', async (_request, response) => {
    await turn();
    burn(5);
    response.send('cheap');
  });
  const routed = await new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => resolve(server));
  });
  const plain = http.createServer((_request, response) => {
    burn(3);
    response.end();
  });
  await new Promise((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const queue = new Queue(`mails-${process.pid}`, { connection: connection() });
  const worker = new Worker(
    queue.name,
    async () => {
      await turn();
      burn(15);
    },
    { connection: connection() },
  );
  await worker.waitUntilReady();
  const source = `export const run = () => { const end = performance.now() + 2; while (performance.now() < end); return '${secret}'; };`;
  const { run } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  const cycle = async () => {
    // After a heap snapshot the connections of before may have been closed.
    const get = (server, path) =>
      fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers: { authorization: secret } })
        .then((answer) => answer.text())
        .catch(() => {});
    await Promise.all([
      get(routed, `/orders/${encodeURIComponent(secret)}`),
      get(routed, '/cheap'),
      get(plain, '/'),
      queue.add('mail', { to: secret }, { removeOnComplete: true }),
    ]);
    burn(5);
    run();
    setTimeout(cycle, 1);
  };
  await cycle();
  process.send({ ready: process.pid });
}

let logged;
process.on('message', ({ ask }) => {
  if (ask === 'log an object') {
    const object = { secret };
    logged = new WeakRef(object);
    console.debug(object);
    process.send({ answer: 'logged' });
  }
  if (ask === 'is it held') {
    // In a turn of its own: what has been dereferenced is held until then.
    setTimeout(() => {
      globalThis.gc();
      process.send({ answer: logged.deref() === undefined ? 'collected' : 'held' });
    }, 50);
  }
});

void main();
