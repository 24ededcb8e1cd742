// Usage: WEBHOOK_URL=http://localhost:3001/webhooks/paddle PADDLE_PORT=3002 WEBHOOKS_PER_SECOND=5 node load.js
// Plays Paddle: sends webhooks at a steady rate and answers the API calls of the worker, failing for half a minute every five.
const { createServer } = require('node:http');
const { randomBytes } = require('node:crypto');

const PERIOD_MS = 300_000;
const FAILING_MS = 30_000;
const perSecond = Number(process.env.WEBHOOKS_PER_SECOND ?? 5);
const url = process.env.WEBHOOK_URL ?? 'http://127.0.0.1:3001/webhooks/paddle';
let count = 0;

createServer((request, response) => {
  const failing = request.url !== '/health' && Date.now() % PERIOD_MS < FAILING_MS;
  response.writeHead(failing ? 503 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(failing ? { error: 'down' } : { status: 'active' }));
}).listen(Number(process.env.PADDLE_PORT ?? 3002));

function nextWebhook() {
  count += 1;
  const type = count % 20 === 0 ? 'report.requested' : 'payment.completed';
  const customerId = count % 50 === 0 ? 'ctm_missing' : `ctm_${(count % 50) + 1}`;
  return { id: `evt_${Date.now().toString(36)}_${count}`, type, customerId };
}

async function send() {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-trace-id': randomBytes(16).toString('hex') },
      body: JSON.stringify(nextWebhook()),
      signal: AbortSignal.timeout(5_000),
    });
    if (!response.ok) console.error(`webhook answered ${response.status}`);
  } catch (error) {
    console.error(`webhook not delivered: ${error.message}`);
  }
}

setInterval(send, 1000 / perSecond);
