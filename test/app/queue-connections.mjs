// A queue on another connection than a plain ioredis: `cluster` (ioredis) or `node-redis`. Adds a job, works on it, leaves another one waiting.
// Usage: NODES=7000,7001,7002 node --require ./dist/register.js test/app/queue-connections.mjs cluster

import { once } from 'node:events';
import * as api from '@opentelemetry/api';
import { Queue, Worker } from 'bullmq';
import { Cluster } from 'ioredis';
import { createClient } from 'redis';

const connection =
  process.argv[2] === 'cluster'
    ? new Cluster(process.env.NODES.split(',').map((port) => ({ host: '127.0.0.1', port: Number(port) })))
    : createClient({ url: process.env.REDIS_URL });
connection.on('error', () => {});

const prefix = '{bull}';
const queue = new Queue('jobs', { connection, prefix });
const worker = new Worker('jobs', async (job) => job.log('done'), { connection, prefix });
const tracer = api.trace.getTracer('app');
const completed = once(worker, 'completed');
await tracer.startActiveSpan('POST /webhooks', async (span) => {
  await queue.add('paid', {});
  span.end();
});
await completed;
await queue.add('later', {}, { delay: 3_600_000 });
console.log('ready');

await once(process, 'SIGTERM');
await worker.close();
await queue.close();
connection.disconnect();
