// Requests in and out with values in body, headers, query string and credentials; handlers that throw; calls that fail. See main.cjs.
const http = require('node:http');
const express = require('express');
const { fastify } = require('fastify');
const { pino } = require('pino');
const { CARD, caught, event, marked, word } = require('./values.cjs');

const logger = pino();
const logsValues = process.env.LOG_VALUES === 'on';

async function serveExpress() {
  const app = express();
  app.use(express.json());
  app.post('/orders/:kind', (request, response) => {
    if (logsValues) logger.info({ card: CARD, email: marked('log-field') }, marked('log-message'));
    response.set('set-cookie', word('response-cookie')).json({ answer: request.body.card });
  });
  app.get('/boom', () => {
    throw Object.assign(new Error(marked('express-error')), { detail: marked('express-error-detail') });
  });
  app.use((error, _request, response, _next) => response.status(500).end(error.message));
  const server = app.listen(0, '127.0.0.1');
  await event(server, 'listening');
  return server;
}

async function serveFastify() {
  const app = fastify();
  app.addHook('preHandler', async (request) => {
    if (request.query.boom) throw new Error(marked('fastify-hook'));
  });
  app.post('/orders', async (request) => {
    throw new Error(`${marked('fastify-error')} ${request.body.card}`);
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app;
}

/** By node:http. Rejects when the call fails. */
function call(url, { body, ...options } = {}) {
  return new Promise((resolve, reject) => {
    http
      .request(url, options, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end(body);
  });
}

const post = (place) => ({
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    authorization: `Bearer ${word(`${place}-authorization`)}`,
    cookie: `session=${word(`${place}-cookie`)}`,
    'x-api-key': word(`${place}-api-key`),
    baggage: `user=${word(`${place}-baggage`)}`,
    referer: `http://shop/?token=${word(`${place}-referer`)}`,
  },
  body: JSON.stringify({ card: marked(`${place}-body`) }),
});
const query = (place) => `?token=${word(`${place}-query`)}&email=${encodeURIComponent(marked(`${place}-query`))}&${word(`${place}-bare`)}`;

exports.useHttp = async () => {
  const [web, quick] = await Promise.all([serveExpress(), serveFastify()]);
  const at = `127.0.0.1:${web.address().port}`;
  const quickAt = `127.0.0.1:${quick.server.address().port}`;
  await call(`http://${at}/orders/new${query('http')}`, { ...post('http'), auth: `user:${word('http-auth')}` });
  await call(`http://user:${word('userinfo')}@${at}/orders/new${query('userinfo')}#${word('fragment')}`, post('userinfo'));
  await fetch(`http://${at}/orders/new${query('fetch')}#${word('fetch-fragment')}`, post('fetch'));
  await call(`http://${at}/boom`);
  if (logsValues) await call(`http://${at}/orders/new`, { ...post('bad-json'), body: `{"card":"${marked('bad-json')}" ` });
  await call(`http://${quickAt}/orders${query('fastify')}`, post('fastify'));
  await call(`http://${quickAt}/orders?boom=${word('fastify-query')}`, post('fastify'));
  // Calls that fail: nobody listens, no such name, credentials that fetch refuses.
  await caught(() => call(`http://user:${word('refused-userinfo')}@127.0.0.1:1/gone${query('refused')}`, post('refused')));
  await caught(() => call(`http://user:${word('lookup-userinfo')}@nosuch.invalid/gone${query('lookup')}`));
  await caught(() => fetch(`http://127.0.0.1:1/gone${query('fetch-refused')}`, post('fetch-refused')));
  await caught(() => fetch(`http://user:${word('fetch-userinfo')}@${at}/boom`));
  web.close();
  web.closeAllConnections();
  await quick.close();
};
