// Usage: REDIS_URL=redis://… node --require @sietch/otel/register test/app/queue-service.cjs
// Each request adds a job; the worker, in the same process, logs a line for it. Says its port by message; ends by SIGTERM.
const { createServer } = require('node:http');
const { Queue, Worker } = require('bullmq');
const pino = require('pino');

const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null };
const queue = new Queue('webhooks', { connection });
const logger = pino();
const worker = new Worker('webhooks', async () => logger.info('job'), { connection });

const server = createServer((_request, response) => {
  queue.add('paddle', {}).then(
    () => response.end(),
    () => response.writeHead(503).end(),
  );
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', async () => {
  process.disconnect?.();
  server.close();
  await worker.close();
  await queue.close();
});
