// A queue on another store than a plain ioredis: `cluster` (ioredis), `node-redis` or `postgres`. Adds a job, works on it, leaves another one waiting.
// Usage: NODES=7000,7001,7002 node --require ./dist/register.js test/app/queue-connections.mjs cluster

import { once } from 'node:events';
import * as api from '@opentelemetry/api';
import { createPostgresBackend, Queue, Worker } from 'bullmq';
import { Cluster } from 'ioredis';
import { createClient } from 'redis';

const kind = process.argv[2];
const connection =
  kind === 'postgres'
    ? { connectionString: process.env.DATABASE_URL, schema: 'jobs', migrate: true }
    : kind === 'cluster'
      ? new Cluster(process.env.NODES.split(',').map((port) => ({ host: '127.0.0.1', port: Number(port) })))
      : createClient({ url: process.env.REDIS_URL });
connection.on?.('error', () => {});
const backend = kind === 'postgres' ? [createPostgresBackend] : [];

const prefix = '{bull}';
const queue = new Queue('jobs', { connection, prefix }, ...backend);
const worker = new Worker('jobs', async (job) => job.log('done'), { connection, prefix }, ...backend);
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
connection.disconnect?.();
