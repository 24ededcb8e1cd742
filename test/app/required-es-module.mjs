// The libraries as an ES module imports them. Loaded by `require()`: see required-es-module.cjs.
import { createServer, get } from 'node:http';
import { trace } from '@opentelemetry/api';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import CircuitBreaker from 'opossum';
import pg from 'pg';
import { pino } from 'pino';

const logger = pino();

/** A request to a server of its own that uses each library once. */
export async function run(redisUrl, databaseUrl) {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('payments', { connection });
  const pool = new pg.Pool({ connectionString: databaseUrl });
  const breaker = new CircuitBreaker(async () => 'paid', { name: 'paddle' });
  const { host, port, db } = connection.options;
  const worker = new Worker('payments', async () => {}, { connection: { host, port, db } });
  await worker.waitUntilReady();
  const completed = new Promise((resolve) => worker.once('completed', resolve));
  const server = createServer(async (_request, response) => {
    await pool.query('SELECT 1');
    await connection.set('key', 'value');
    await queue.add('paid', {});
    await breaker.fire();
    logger.info('a line');
    trace.getActiveSpan().setAttribute('app.asked', true);
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await new Promise((resolve) =>
    get(`http://127.0.0.1:${server.address().port}/`, { agent: false }, (response) => response.resume().once('end', resolve)),
  );
  await completed;
  server.close();
  breaker.shutdown();
  await Promise.all([worker.close(), queue.close(), pool.end()]);
  connection.disconnect();
}
