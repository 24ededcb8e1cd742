// A worker of webhooks that writes each one into a ledger, through the transaction of its claim.
// Usage: SETTINGS='{"name":"webhooks","connection":"redis://…","spill":{"connection":"postgres://…"}}' node test/app/queue-worker.mjs
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { WebhookQueue } = require('../../dist/webhooks/library.js');
const { workMs = 0, text, ...options } = JSON.parse(process.env.SETTINGS);

/** What a processor does wrong after its write, in the first attempt at an event of that type or in all. */
const wrongs = {
  failing: () => Promise.reject(new Error('this event always fails')),
  'failing once': onlyFirst(() => Promise.reject(new Error('this event fails once'))),
  // The branch writes when the attempt has failed, and perhaps when the next one runs.
  'branching once': onlyFirst((write) => Promise.all([sleep(workMs).then(write), Promise.reject(new Error('the other branch failed'))])),
  'committing once': onlyFirst((_write, transaction) => transaction.query('COMMIT').catch(() => {})),
  'orphaned once': onlyFirst((_write, transaction) => transaction.query("INSERT INTO child VALUES ('nobody')")),
};

function onlyFirst(wrong) {
  return (write, transaction, attempt) => (attempt === 1 ? wrong(write, transaction) : undefined);
}

const queue = new WebhookQueue({
  ...options,
  onEvent: ({ type }) => console.log(`told ${type}`),
  async processor(event, { attempt, store, transaction }) {
    if (event.payload.text !== text) throw new Error('the payload is not what was sent');
    const write = () =>
      transaction.query('INSERT INTO ledger (event_id, attempt, store, pid) VALUES ($1, $2, $3, $4)', [
        event.id,
        attempt,
        store,
        process.pid,
      ]);
    // Half of the work before the write, half after it: a kill can hit on either side.
    await sleep(Math.random() * workMs);
    await write();
    await sleep(Math.random() * workMs);
    await wrongs[event.type]?.(write, transaction, attempt);
  },
});
queue.startWorker();
console.log('working');

process.once('SIGTERM', async () => {
  await queue.close({ timeoutMs: 5000 });
  console.log('closed');
  process.exit(0);
});
