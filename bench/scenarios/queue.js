// BullMQ jobs: added one after another and processed in the same process.
const { OPERATIONS, answerAfter, fail, serve } = require('./measured.js');
const { queueTelemetry } = require('./peer-code.js');
const { Queue, Worker } = require('bullmq');

const url = new URL(process.env.REDIS_URL);
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const name = `bench-${process.pid}`;
const options = { connection, ...queueTelemetry() };
const queue = new Queue(name, { ...options, defaultJobOptions: { removeOnComplete: true } });
const worker = new Worker(name, async (job) => job.data.amount * 2, { ...options, concurrency: 10 });

async function run() {
  let left = OPERATIONS;
  const processed = new Promise((resolve) => {
    const count = () => {
      left -= 1;
      if (left > 0) return;
      worker.off('completed', count);
      resolve();
    };
    worker.on('completed', count);
  });
  for (let i = 0; i < OPERATIONS; i++) await queue.add('payment', { amount: i, currency: 'EUR', event: 'transaction.completed' });
  await processed;
}

async function close() {
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
}

Promise.all([queue.waitUntilReady(), worker.waitUntilReady()])
  .then(() => serve(answerAfter(run), close))
  .catch(fail);
