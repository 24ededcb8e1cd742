// Works on one job, whose result counts how often somebody makes it to JSON.
import { Queue, QueueEvents, Worker } from 'bullmq';

const { hostname: host, port } = new URL(process.env.REDIS_URL);
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
let made = 0;
const result = {
  toJSON() {
    made++;
    return { rows: 1 };
  },
};
const queue = new Queue('results', { connection });
const events = new QueueEvents('results', { connection });
const worker = new Worker('results', () => result, { connection });
await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()]);
const job = await queue.add('export', {});
await job.waitUntilFinished(events);
await worker.close();
console.log(`made ${made} times`);
await Promise.all([events.close(), queue.close()]);
