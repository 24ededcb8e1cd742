// Usage: PADDLE_API_KEY=… PADDLE_WEBHOOK_SECRET=… REDIS_URL=… PORT=3002 node --require @sietch/otel/register service.js
// Takes Paddle's webhooks, checked by the SDK's own signature check before they are queued, and calls Paddle's API through a breaker.
const { metrics } = require('@opentelemetry/api');
const { ApiError, LogLevel, Paddle } = require('@paddle/paddle-node-sdk');
const { CircuitBreaker } = require('@sietch/otel/circuit');
const { UnrecoverableError, WebhookQueue } = require('@sietch/otel/queue');
const express = require('express');
const { pino } = require('pino');

const { PADDLE_API_KEY, PADDLE_API_URL, PADDLE_WEBHOOK_SECRET, PADDLE_RESET_MS, ENQUEUE_MS, REDIS_URL, PORT, HOST } = process.env;
const logger = pino();
// The SDK takes a URL for its environment: `sandbox`, `production`, or a stand-in as here.
const paddle = new Paddle(PADDLE_API_KEY, { environment: PADDLE_API_URL ?? 'sandbox', logLevel: LogLevel.none });
const refused = metrics.getMeter('paddle-example').createCounter('paddle.webhooks.refused', {
  description: 'Webhooks whose signature was not right',
  unit: '{webhook}',
});

// The SDK (3.10) takes no AbortSignal, so a call that timed out goes on in the background; where there is one to pass on, it is `call.signal`.
const findCustomer = new CircuitBreaker(async (_call, id) => (await paddle.customers.get(id)).status, {
  name: 'paddle',
  timeoutMs: 2000,
  volumeThreshold: 3,
  resetTimeoutMs: Number(PADDLE_RESET_MS ?? 30_000),
  // A request that is wrong is our fault, not Paddle's.
  isFailure: (error) => !(error instanceof ApiError && error.type === 'request_error'),
  fallback: (error, id) => {
    if (error instanceof ApiError && error.type === 'request_error') throw error;
    logger.warn({ customer: id, reason: error.code ?? error.name }, 'Paddle does not answer; the status is looked up later');
    return 'unknown';
  },
  onEvent: (event) => event.type === 'open' && logger.warn({ failures: event.failures, nextProbeAt: event.nextProbeAt }, 'Paddle is down'),
});

const webhooks = new WebhookQueue({
  name: 'paddle-webhooks',
  connection: REDIS_URL,
  // Past it the answer is 503, and Paddle delivers again.
  enqueueTimeoutMs: Number(ENQUEUE_MS ?? 300),
  processor: async ({ type, payload }) => {
    if (typeof payload.customerId !== 'string') throw new UnrecoverableError(`${type} has no customer`);
    logger.info({ type, status: await findCustomer.fire(payload.customerId) }, 'webhook processed');
  },
});
webhooks.startWorker();

/** The event, when it is Paddle's. The SDK refuses signatures that are wrong, missing or older than five seconds. */
async function readWebhook(request) {
  const signature = request.get('paddle-signature') ?? '';
  return await paddle.webhooks.unmarshal(request.body.toString(), PADDLE_WEBHOOK_SECRET, signature).catch(() => undefined);
}

const app = express();

// The signature is over the bytes as they came: no JSON parser before it.
app.post('/webhooks/paddle', express.raw({ type: 'application/json' }), async (request, response) => {
  const event = Buffer.isBuffer(request.body) ? await readWebhook(request) : undefined;
  if (event === undefined) {
    refused.add(1);
    logger.warn('webhook refused: bad signature');
    response.status(401).json({ accepted: false });
    return;
  }
  const { eventId, eventType, data } = event;
  const { mode } = await webhooks.enqueue({ id: eventId, type: eventType, payload: { customerId: data.customerId ?? data.id } });
  response.json({ accepted: true, mode });
});

app.get('/customers/:id', async (request, response) => {
  response.json({ id: request.params.id, status: await findCustomer.fire(request.params.id) });
});

app.use((error, _request, response, _next) => {
  const status = error instanceof ApiError ? 404 : (error.httpStatus ?? 500);
  response.status(status).json({ error: error.code ?? error.name });
});

const server = app.listen(Number(PORT ?? 3002), HOST ?? '127.0.0.1', () => {
  logger.info({ port: server.address().port }, 'listening');
});

process.once('SIGTERM', async () => {
  server.close();
  server.closeIdleConnections();
  await webhooks.close();
  findCustomer.shutdown();
});
