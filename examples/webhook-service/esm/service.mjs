// Usage: DATABASE_URL=… REDIS_URL=… PORT=3001 node --require @sietch/otel/register service.mjs
// Takes webhooks and answers at once; the worker does the work. Knows nothing of telemetry.
import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';
import { pino } from 'pino';

const logger = pino();
const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const redis = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
const webhooks = new Queue('webhooks', { connection: redis });
database.on('error', (error) => logger.error({ err: error }, 'database connection lost'));
redis.on('error', (error) => logger.error({ err: error }, 'redis connection lost'));

const app = express();
app.use(express.json());

app.get('/health', (_request, response) => {
  response.json({ ok: true });
});

app.post('/webhooks/paddle', async (request, response) => {
  const { id, type, customerId } = request.body;
  logger.info({ event: id, type }, 'webhook received');
  await database.query('INSERT INTO webhook_events (id, type, customer_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING', [
    id,
    type,
    customerId,
  ]);
  await webhooks.add(type, { id, type, customerId }, { jobId: id, attempts: 4, backoff: { type: 'exponential', delay: 50 } });
  response.json({ accepted: true });
});

app.use((error, _request, response, _next) => {
  logger.error({ err: error }, 'webhook refused');
  response.status(500).json({ accepted: false });
});

const server = app.listen(Number(process.env.PORT ?? 3001), process.env.HOST ?? '127.0.0.1', () => {
  logger.info({ port: server.address().port }, 'listening');
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeIdleConnections();
  await webhooks.close();
  await database.end();
  redis.disconnect();
});
