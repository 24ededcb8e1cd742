// A webhook endpoint with its worker, on WebhookQueue. POST /webhooks/<type> takes the body as the event's id; POST /replay/<id> replays a dead letter.
// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require ./dist/register.js test/app/queue-webhooks.mjs

import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebhookQueue } from '@sietch/otel/queue';

let isMended = false;
const queue = new WebhookQueue({
  name: 'webhooks',
  connection: process.env.REDIS_URL,
  claims: { connection: process.env.DATABASE_URL },
  enqueueTimeoutMs: 10_000,
  retries: 1,
  backoff: { delayMs: 10 },
  async processor(event, { transaction }) {
    await transaction.query('INSERT INTO ledger (event_id) VALUES ($1)', [event.id]);
    if (event.type === 'failing' && !isMended) throw new RangeError(`card ${event.payload.card} was refused`);
  },
  onEvent: (event) => console.log(`event ${JSON.stringify(event)}`),
});
queue.startWorker();

const server = createServer(async (request, response) => {
  try {
    const [, path, argument] = request.url.split('/');
    let body = '';
    for await (const chunk of request) body += chunk;
    if (path === 'replay') isMended = true;
    const result =
      path === 'replay'
        ? await queue.deadLetters.replay(argument)
        : await queue.enqueue({ id: body, type: argument, payload: { card: '4111111111111111' } });
    response.end(JSON.stringify(result));
  } catch (error) {
    response.writeHead(error.httpStatus ?? 500).end(String(error.code));
  }
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));

await once(process, 'SIGTERM');
server.close();
await queue.close({ timeoutMs: 5000 });
