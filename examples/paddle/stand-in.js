// Usage: PORT=3003 node stand-in.js
// A stand-in for Paddle's API on loopback. PUT /mood with `well`, `failing` or `hanging` says how it does.
const { createHmac } = require('node:crypto');
const { createServer } = require('node:http');

/** Starts to listen on a port of the system's choice, or on `port`. */
function startStandIn(port = 0) {
  let mood = 'well';
  const requests = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/mood') {
      mood = (await request.toArray()).join('');
      response.end();
      return;
    }
    requests.push({ url: request.url, traceparent: request.headers.traceparent });
    const answer = { well: customer, failing: outage }[mood];
    if (answer !== undefined) send(response, answer(request.url.split('/').at(-1)));
  });
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${server.address().port}`,
        requests,
        setMood: (next) => {
          mood = next;
        },
        close: () => {
          server.closeAllConnections();
          return new Promise((closed) => server.close(closed));
        },
      }),
    );
  });
}

function send(response, { status, ...body }) {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ ...body, meta: { request_id: 'stand-in' } }));
}

function customer(id) {
  if (id === 'ctm_missing') {
    return {
      status: 404,
      error: { type: 'request_error', code: 'entity_not_found', detail: `Entity ${id} not found`, documentation_url: '' },
    };
  }
  const now = new Date().toISOString();
  const data = {
    id,
    name: 'Ada',
    email: 'ada@example.com',
    status: 'active',
    locale: 'en',
    marketing_consent: false,
    created_at: now,
    updated_at: now,
  };
  return { status: 200, data };
}

function outage() {
  return { status: 500, error: { type: 'api_error', code: 'internal_error', detail: 'Something went wrong', documentation_url: '' } };
}

/** A webhook as Paddle sends it: body and header `paddle-signature`. https://developer.paddle.com/webhooks/signature-verification */
function signWebhook(event, secret, at = Date.now()) {
  const body = JSON.stringify(event);
  const seconds = Math.floor(at / 1000);
  const hash = createHmac('sha256', secret).update(`${seconds}:${body}`).digest('hex');
  return { body, signature: `ts=${seconds};h1=${hash}` };
}

module.exports = { startStandIn, signWebhook };

if (require.main === module)
  void startStandIn(Number(process.env.PORT ?? 3003)).then(({ url }) => console.log(`Paddle stand-in on ${url}`));
