// traceMiddleware and traceFastifyHook in a process without an SDK. What they do under the preload is in middleware-with-sdk.test.ts.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express from 'express';
import { fastify } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { getTraceHeaders, getTraceLogFields, TraceContext, traceFastifyHook, traceMiddleware } from '../../src/index.ts';
import { ask } from '../support/web-app.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

const closers: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closers.splice(0).map((close) => close())));

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const seen = () => JSON.stringify({ fields: getTraceLogFields(), headers: getTraceHeaders() });

async function startExpress(): Promise<string> {
  const app = express();
  app.use(traceMiddleware(), traceMiddleware());
  app.use(express.json());
  app.all('/seen', async (_request, response) => {
    await new Promise((resolve) => setImmediate(resolve));
    response.type('json').send(seen());
  });
  app.get('/boom', () => {
    throw new Error('boom');
  });
  return listen(createServer(app));
}

async function startFastify(): Promise<string> {
  const app = fastify();
  app.addHook('onRequest', traceFastifyHook());
  app.addHook('onRequest', traceFastifyHook());
  app.route({
    method: ['GET', 'POST'],
    url: '/seen',
    handler: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return seen();
    },
  });
  app.get('/boom', async () => {
    throw new Error('boom');
  });
  closers.push(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
}

/** A body parser that knows nothing of contexts: it goes on when the last chunk has come. */
async function startPlain(): Promise<string> {
  const middleware = traceMiddleware();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    request.on('end', () => response.writeHead(request.url === '/seen' ? 200 : 500).end(seen()));
  };
  return listen(createServer((request, response) => middleware(request, response, () => answer(request, response))));
}

test.each([
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['node:http', startPlain],
])('%s', async (_name, start) => {
  const url = await start();

  const fromId = await ask(`${url}/seen`, { headers: { 'x-trace-id': TRACE_ID.toUpperCase() } });
  expect(fromId.headers['x-trace-id']).toBe(TRACE_ID);
  expect(JSON.parse(fromId.body)).toEqual({
    fields: { trace_id: TRACE_ID, span_id: expect.stringMatching(/^[\da-f]{16}$/), trace_flags: '00' },
    headers: { 'x-trace-id': TRACE_ID },
  });

  // After a body has been read, and with the caller's own traceparent passed on.
  const post = { method: 'POST', headers: { traceparent: TRACEPARENT, 'content-type': 'application/json' }, body: '{"a":1}' };
  expect(JSON.parse((await ask(`${url}/seen`, post)).body)).toMatchObject({
    headers: { traceparent: TRACEPARENT, 'x-trace-id': TRACE_ID },
  });

  const correlated = await ask(`${url}/seen`, { headers: { 'x-trace-id': 'order-12' } });
  expect(JSON.parse(correlated.body)).toMatchObject({
    fields: { trace_id: correlated.headers['x-trace-id'], correlation_id: 'order-12' },
    headers: { baggage: 'sietch.correlation_id=order-12' },
  });

  const failed = await ask(`${url}/boom`, { headers: { 'x-trace-id': TRACE_ID } });
  expect(failed).toMatchObject({ status: 500, headers: { 'x-trace-id': TRACE_ID } });
});

test('requests at once keep to their own ids, also of a server that was started inside of a trace', async () => {
  const url = await TraceContext.create().run(startExpress);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`${url}/seen`)));
  const ids = answers.map((answer) => answer.headers['x-trace-id']);
  expect(new Set(ids).size).toBe(50);
  for (const answer of answers) expect(JSON.parse(answer.body).fields.trace_id).toBe(answer.headers['x-trace-id']);
});
