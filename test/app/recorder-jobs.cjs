// Usage: REDIS_URL=… node --require @sietch/otel/register test/app/recorder-jobs.cjs add|work|die
// A queue and its worker in one process, which ends after one attempt. `add`: adds a job of two attempts, of which the first fails. `work`: runs the
// second, which succeeds. `die`: adds a job of one attempt, which fails.
const { Queue, Worker } = require('bullmq');

const [, , way] = process.argv;
const url = new URL(process.env.REDIS_URL);
const connection = { host: url.hostname, port: Number(url.port), db: Number(url.pathname.slice(1)), maxRetriesPerRequest: null };

async function main() {
  const queue = new Queue('recorded', { connection });
  if (way !== 'work') await queue.add('webhook', {}, { attempts: way === 'add' ? 2 : 1 });
  const worker = new Worker(
    'recorded',
    async () => {
      if (way !== 'work') throw new TypeError('card 4111');
    },
    { connection, autorun: false },
  );
  const ended = new Promise((resolve) => {
    worker.once('completed', () => resolve('completed'));
    worker.once('failed', () => {
      void worker.pause(true);
      resolve('failed');
    });
  });
  void worker.run();
  console.log(await ended);
  await worker.close();
  await queue.close();
}

void main();
