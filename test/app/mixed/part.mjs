// The ES module of main.cjs.
import { Queue, Worker } from 'bullmq';
import CircuitBreaker from 'opossum';
import pino from 'pino';

const logger = pino();
const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null };

export const logLine = () => logger.info('from the ES module');

export async function fireBreaker() {
  const breaker = new CircuitBreaker(async () => 'done', { name: 'mixed' });
  await breaker.fire();
  breaker.shutdown();
}

export async function runJob() {
  const queue = new Queue('mixed', { connection });
  const worker = new Worker('mixed', async () => 'done', { connection });
  const completed = new Promise((resolve) => worker.once('completed', resolve));
  await queue.add('job', {});
  await completed;
  await worker.close();
  await queue.close();
}
