// Usage: node --require @sietch/otel/register test/app/threads.cjs
// Starts a worker thread, a pino transport and a forked child, and prints as one line of JSON which of them had the distribution loaded.
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');
const pino = require('pino');

const state = () => ({
  loaded: Object.keys(require.cache).some((file) => /bundle-loader|@opentelemetry/.test(file)),
  started: globalThis[Symbol.for('@sietch/otel.started')] !== undefined,
});

async function main() {
  const worker = new Worker(__filename);
  const [inWorker] = await once(worker, 'message');
  const logger = pino(pino.transport({ target: 'pino/file', options: { destination: 2 } }));
  logger.info('from the transport');
  const child = fork(__filename, ['child']);
  const [inChild] = await once(child, 'message');
  console.log(JSON.stringify({ main: state(), worker: inWorker, child: inChild }));
  process.disconnect?.();
}

if (!isMainThread) parentPort.postMessage(state());
else if (process.argv[2] === 'child') process.send(state(), () => process.disconnect());
else void main();
