// One of the two processes of a WebhookQueue that spills into PostgreSQL: `web` takes a webhook by POST, and answers with its store and trace id;
// `worker` fails each.
// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require ./dist/register.js test/app/recorder/spill.mjs web|worker
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebhookQueue } from '@sietch/otel/queue';

const queue = new WebhookQueue({
  name: 'webhooks',
  connection: process.env.REDIS_URL,
  spill: { connection: process.env.DATABASE_URL },
  retries: 0,
  async processor() {
    throw new RangeError('no such customer');
  },
});
const server = createServer(async (request, response) => {
  let id = '';
  for await (const chunk of request) id += chunk;
  const { store, traceId } = await queue.enqueue({ id, type: 'paid', payload: {} });
  response.end(JSON.stringify({ store, traceId }));
});

await queue.ready();
if (process.argv[2] === 'worker') queue.startWorker();
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

await once(process, 'SIGTERM');
server.close();
await queue.close({ timeoutMs: 1000 });
