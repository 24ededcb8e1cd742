// Queues in known states, with no word about metrics. Closes its queue on the message `close`.
// Usage: REDIS_URL=redis://… node --require ./dist/register.js test/app/queue-metrics.mjs

import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';

const { hostname: host, port } = new URL(process.env.REDIS_URL);
const connection = { host, port: Number(port) };
const events = (worker, event, times) =>
  new Promise((resolve) => {
    let count = 0;
    worker.on(event, () => ++count === times && resolve());
  });

// Three jobs done, one of them at its second attempt; two dead.
const jobs = new Queue('jobs', { connection });
jobs.on('error', () => {});
const worker = new Worker(
  'jobs',
  async (job) => {
    if (job.name === 'dead' || (job.name === 'twice' && job.attemptsMade === 0)) throw new TypeError('no');
  },
  { connection },
);
worker.on('error', () => {});
const ended = Promise.all([events(worker, 'completed', 3), events(worker, 'failed', 3)]);
await jobs.addBulk([1, 2].map(() => ({ name: 'dead', data: {} })));
await jobs.add('once', {});
await jobs.add('once', {});
await jobs.add('twice', {}, { attempts: 2 });
await ended;

// One job done, and one that is worked on for ever.
const busy = new Queue('busy', { connection });
busy.on('error', () => {});
const stuck = new Worker('busy', (job) => (job.name === 'stuck' ? new Promise(() => {}) : undefined), { connection, concurrency: 2 });
stuck.on('error', () => {});
const begun = events(stuck, 'active', 2);
await busy.add('stuck', {}, { timestamp: Date.now() - 3_600_000 });
await busy.add('quick', {});
await begun;

// Nobody works on these.
const idle = new Queue('idle', { connection });
idle.on('error', () => {});
await idle.add('waiting', {}, { timestamp: Date.now() - 60_000 });
await idle.add('waiting', {});
await idle.add('urgent', {}, { priority: 1 });
await idle.add('later', {}, { delay: 3_600_000 });
console.log('ready');

process.once('message', async () => {
  await idle.close();
  console.log('closed');
});
await once(process, 'SIGTERM');
process.exit();
