// A queue whose processor runs in a sandbox of BullMQ: a process or a thread of its own.
// Usage: REDIS_URL=… node --require ../../dist/register.js test/app/queue-sandbox.cjs process|thread [cjs|mjs]
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { Queue, QueueEvents, Worker } = require('bullmq');

const [kind, format = 'cjs'] = process.argv.slice(2);
const path = join(__dirname, `queue-sandbox-processor.${format}`);
/** BullMQ wants a URL for an ES module. */
const processorFile = format === 'mjs' ? pathToFileURL(path) : path;

async function main() {
  const { hostname: host, port, pathname } = new URL(process.env.REDIS_URL);
  const connection = { host, port: Number(port), db: Number(pathname.slice(1)) };
  const name = `sandbox-${process.pid}`;
  const worker = new Worker(name, processorFile, {
    connection,
    useWorkerThreads: kind === 'thread',
  });
  const events = new QueueEvents(name, { connection });
  const queue = new Queue(name, { connection });
  await events.waitUntilReady();
  const job = await queue.add('work', { n: 1 });
  console.log('result', await job.waitUntilFinished(events, 20_000));
  await Promise.all([worker.close(), events.close()]);
  await queue.obliterate({ force: true });
  await queue.close();
}

void main();
