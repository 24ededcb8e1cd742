import { readFileSync } from 'node:fs';
import { Agent, createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { exchange, type HttpExchange, parseRetryAfter } from '../../src/export/http-exchange.js';
import { ROOT } from '../support/checkout.ts';
import { freePort } from '../support/ports.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const TLS = { cert: readFileSync(join(ROOT, 'test/fixtures/tls/cert.pem')), key: readFileSync(join(ROOT, 'test/fixtures/tls/key.pem')) };

async function listen(server: Server, scheme = 'http'): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `${scheme}://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/traces`;
}

function serve(listener: RequestListener): Promise<string> {
  return listen(createServer(listener));
}

function send(url: string, options: Partial<HttpExchange> = {}) {
  return exchange({ url, headers: { 'x-test': '1' }, body: Buffer.from('hello'), timeoutMs: 10_000, keepsAlive: true, ...options });
}

test('sends the body with its length and headers, and gives the answer back', async () => {
  const url = await serve((request, response) => {
    const { method, headers } = request;
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => response.end(JSON.stringify([method, headers['x-test'], headers['content-length'], body])));
  });
  const { result, body } = await send(url);
  expect(result).toEqual({ status: 'sent' });
  expect(Buffer.from(body ?? []).toString()).toBe('["POST","1","5","hello"]');
});

test.for([
  [400, {}, { status: 'failed', reason: 'HTTP 400' }],
  [401, {}, { status: 'failed', reason: 'HTTP 401' }],
  [302, { location: '/' }, { status: 'failed', reason: 'HTTP 302' }],
  [429, { 'retry-after': '7' }, { status: 'retry', reason: 'HTTP 429', afterMs: 7000 }],
  [503, {}, { status: 'retry', reason: 'HTTP 503' }],
  [502, {}, { status: 'retry', reason: 'HTTP 502' }],
  [504, {}, { status: 'retry', reason: 'HTTP 504' }],
] as const)('HTTP %i', async ([status, headers, expected]) => {
  const url = await serve((_request, response) => response.writeHead(status, headers).end('no'));
  expect((await send(url)).result).toEqual(expected);
});

test('Retry-After is seconds or a date', () => {
  expect(parseRetryAfter(undefined)).toBeUndefined();
  expect(parseRetryAfter('120')).toBe(120_000);
  expect(parseRetryAfter('soon')).toBeUndefined();
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(0);
  expect(parseRetryAfter(new Date(Date.now() + 100_000).toUTCString())).toBeGreaterThan(90_000);
});

test('a collector that never answers is given up at the deadline', async () => {
  const url = await serve(() => {});
  expect((await send(url, { timeoutMs: 50 })).result).toEqual({ status: 'retry', reason: 'no answer within 50 ms' });
});

test('so is one that answers drop by drop', async () => {
  const url = await serve((_request, response) => {
    const drip = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(drip));
  });
  expect((await send(url, { timeoutMs: 100 })).result).toEqual({ status: 'retry', reason: 'no answer within 100 ms' });
});

test('nobody listening, and a connection cut', async () => {
  expect((await send(`http://127.0.0.1:${await freePort()}`)).result).toEqual({ status: 'retry', reason: 'ECONNREFUSED' });
  const url = await serve((request) => request.socket.destroy());
  expect((await send(url)).result).toEqual({ status: 'retry', reason: 'ECONNRESET' });
});

test('a kept connection that the collector has closed is replaced at once', async () => {
  let requests = 0;
  const url = await serve((request, response) => {
    if (++requests === 2) request.socket.destroy();
    else response.end('ok');
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await send(url, { agent })).result.status).toBe('sent');
  expect((await send(url, { agent })).result.status).toBe('sent');
  expect(requests).toBe(3);
  agent.destroy();
});

test('an endless answer is cut', async () => {
  const url = await serve((_request, response) => {
    response.on('error', () => {});
    const pour = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      if (!response.destroyed) response.once('drain', pour);
    };
    pour();
  });
  const { result, body } = await send(url);
  expect(result.status).toBe('sent');
  expect(body?.byteLength).toBeLessThanOrEqual(65_536);
});

test('TLS: with the right certificate, and without', async () => {
  const url = await listen(
    createSecureServer(TLS, (_request, response) => response.end()),
    'https',
  );
  expect((await send(url, { tls: { ca: TLS.cert } })).result).toEqual({ status: 'sent' });
  expect((await send(url)).result).toEqual({ status: 'retry', reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});
