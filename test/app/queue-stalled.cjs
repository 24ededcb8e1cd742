// A worker of webhooks, or, with HANG, one that never ends a job and waits to be killed. Usage: REDIS_URL=redis://… [HANG=1] node test/app/queue-stalled.cjs
const { WebhookQueue } = require('../../dist/webhooks/library.js');

const queue = new WebhookQueue({
  name: 'webhooks',
  connection: process.env.REDIS_URL,
  lockDurationMs: 1000,
  enqueueTimeoutMs: 10_000,
  onEvent: ({ type }) => console.log(`event ${type}`),
  async processor() {
    console.log('running');
    if (process.env.HANG !== undefined) await new Promise(() => {});
  },
});
queue.startWorker();
if (process.env.HANG !== undefined) queue.enqueue({ id: 'evt-1', type: 'paid', payload: {} });
process.once('SIGTERM', () => queue.close({ timeoutMs: 2000 }));
