// Usage: DATABASE_URL=… REDIS_URL=… PADDLE_URL=… node --require @sietch/otel/register worker.mjs
// Works off the webhooks: PostgreSQL, a Redis cache, the Paddle API behind a circuit breaker. Knows nothing of telemetry.
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import CircuitBreaker from 'opossum';
import pg from 'pg';
import { pino } from 'pino';

const logger = pino();
const database = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const cache = new Redis(process.env.REDIS_URL);
database.on('error', (error) => logger.error({ err: error }, 'database connection lost'));
cache.on('error', (error) => logger.error({ err: error }, 'redis connection lost'));

async function fetchSubscription(customerId) {
  const response = await fetch(`${process.env.PADDLE_URL}/customers/${customerId}/subscription`);
  if (!response.ok) throw new Error(`Paddle answered ${response.status}`);
  return response.json();
}

const paddle = new CircuitBreaker(fetchSubscription, {
  name: 'paddle',
  timeout: 1000,
  volumeThreshold: 3,
  errorThresholdPercentage: 30,
  resetTimeout: 1000,
});
paddle.fallback(() => ({ status: 'unknown' }));

async function findCustomer(customerId) {
  const cached = await cache.get(`customer:${customerId}`);
  if (cached !== null) return JSON.parse(cached);
  const { rows } = await database.query('SELECT id, name, plan FROM customers WHERE id = $1', [customerId]);
  if (rows.length === 0) throw new Error('no such customer');
  await cache.set(`customer:${customerId}`, JSON.stringify(rows[0]), 'EX', 60);
  return rows[0];
}

async function processWebhook(job) {
  const { id, type, customerId } = job.data;
  const customer = await findCustomer(customerId);
  if (type === 'report.requested') await database.query('SELECT count(*), pg_sleep(0.15) FROM webhook_events');
  const subscription = await paddle.fire(customer.id);
  await database.query('UPDATE webhook_events SET processed_at = now() WHERE id = $1', [id]);
  logger.info({ event: id, subscription: subscription.status }, 'webhook processed');
}

const queueConnection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
queueConnection.on('error', () => {}); // The worker reports it.
const worker = new Worker('webhooks', processWebhook, { connection: queueConnection, concurrency: 4 });
worker.on('failed', (job, error) => logger.warn({ event: job?.id, attempt: job?.attemptsMade, err: error }, 'webhook failed'));
worker.on('error', (error) => logger.error({ err: error }, 'queue connection lost'));
worker.on('ready', () => logger.info('working'));

process.once('SIGTERM', async () => {
  await worker.close();
  queueConnection.disconnect();
  await database.end();
  cache.disconnect();
  paddle.shutdown();
});
