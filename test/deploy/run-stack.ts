// Runs the stack of docker-compose.yml as processes of this machine, under a steady load with bad minutes in it, until Ctrl+C.
// Usage: DATABASE_URL=… REDIS_URL=… npx tsx test/deploy/run-stack.ts [webhooks a second, default 5]
// Their servers are started where the variables name none. Dashboards to look at: npx tsx test/deploy/pictures/main.ts PROMETHEUS_URL FOLDER
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import type { WebhookApp } from '../webhook/webhook-app.ts';
import { startLocalStack } from './local-stack.ts';

const PERIOD_MS = 300_000;
/** Paddle is down for half a minute of each period, as in load.js. */
const DOWN_MS = 30_000;

async function main(): Promise<void> {
  const postgres = await startPostgres();
  const redis = await startRedis();
  const stack = await startLocalStack({ databaseUrl: await postgres.createDatabase(), redisUrl: redis.url });
  for (const [name, url] of Object.entries({ ...stack.urls, service: stack.app.url, redis: redis.url }))
    console.log(`${name.padEnd(12)}${url}`);
  const load = startLoad(stack.app, Number(process.argv[2] ?? 5));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, async () => {
      clearInterval(load);
      await stack.stop();
      await redis.stop();
      await postgres.stop();
    });
  }
}

function startLoad(app: WebhookApp, perSecond: number): NodeJS.Timeout {
  let count = 0;
  return setInterval(() => {
    count += 1;
    app.paddle.status = Date.now() % PERIOD_MS < DOWN_MS ? 503 : 200;
    const type = count % 20 === 0 ? 'report.requested' : count % 3 === 0 ? 'subscription.updated' : 'payment.completed';
    const customerId = count % 50 === 0 ? 'ctm_missing' : `ctm_${(count % 50) + 1}`;
    app.send({ id: `evt_${Date.now().toString(36)}_${count}`, type, customerId }).catch((error: unknown) => console.error(error));
  }, 1_000 / perSecond);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
