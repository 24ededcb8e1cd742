// A worker of webhooks that writes each one into a ledger, through the transaction of its claim.
// Usage: SETTINGS='{"name":"webhooks","connection":"redis://…","spill":{"connection":"postgres://…"}}' node test/app/queue-worker.mjs
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { WebhookQueue } = require('../../dist/queue/library.js');
const { workMs = 0, ...options } = JSON.parse(process.env.SETTINGS);

const queue = new WebhookQueue({
  ...options,
  async processor(event, { attempt, store, transaction }) {
    // Half of the work before the write, half after it: a kill can hit on either side.
    await sleep(Math.random() * workMs);
    await transaction.query('INSERT INTO ledger (event_id, attempt, store, pid) VALUES ($1, $2, $3, $4)', [
      event.id,
      attempt,
      store,
      process.pid,
    ]);
    await sleep(Math.random() * workMs);
    if (event.type === 'failing') throw new Error('this event always fails');
  },
});
queue.startWorker();
console.log('working');

process.once('SIGTERM', async () => {
  await queue.close({ timeoutMs: 5000 });
  console.log('closed');
  process.exit(0);
});
