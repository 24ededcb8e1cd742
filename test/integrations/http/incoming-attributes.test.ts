// The attributes of incoming requests are upstream's, whatever the request: held against its own function.
import type { IncomingMessage } from 'node:http';
import { type Attributes, diag } from '@opentelemetry/api';
import { getIncomingRequestAttributes } from '@opentelemetry/instrumentation-http/build/src/utils.js';
import { expect, test } from 'vitest';
import { IncomingAttributes } from '../../../src/integrations/http/incoming-attributes.js';

const socket = { remoteAddress: '::ffff:10.0.0.7', remotePort: 40_123 };

function request(url: string, headers: Record<string, string>, given: Record<string, unknown> = {}): IncomingMessage {
  const parts: unknown = { method: 'GET', httpVersion: '1.1', url, headers, socket, ...given };
  if (!isRequest(parts)) throw new Error('not a request');
  return parts;
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value;
}

/** As the tracer puts them on a span. */
function ours(of: IncomingMessage): Attributes {
  const attributes = new IncomingAttributes('http');
  const plain = attributes.plain(of);
  if (plain === undefined) return set(attributes.other(of).options.attributes ?? {});
  return { ...plain.options.attributes, ...attributes.own(of) };
}

function upstreams(of: IncomingMessage): Attributes {
  return set(getIncomingRequestAttributes(of, { component: 'http', enableSyntheticSourceDetection: false }, diag));
}

/** Spans pass over those that are undefined. */
function set(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

const withHost = { host: 'shop.test:8080', 'user-agent': 'curl/8' };

test.each([
  request('/orders/7', withHost),
  request('/', { host: 'shop.test' }),
  request('/a.b/c..d/e-f_g~h', withHost),
  request('/orders/7', { host: '127.0.0.1:3000' }),
  request('/orders/7', { host: '[::1]:3000' }),
  request('/orders/7', { host: '999.1.1.1' }),
  request('/orders/7', { host: 'shop.test:99999' }),
  request('/orders/7', { host: 'shop.test:' }),
  request('/orders/7', { host: 'a b' }),
  request('/orders/7', { host: '' }),
  request('/orders/7', {}),
  request('/a/../b', withHost),
  request('/a/./b', withHost),
  request('/.well-known/x', withHost),
  request('/a/%2e%2e/b', withHost),
  request('/a%20b/%C3%A9', withHost),
  request('/é/"<>|^`', withHost),
  request('/a\\b', withHost),
  request('//other.test/path', withHost),
  request('/a//b/', withHost),
  request("/it's(ok)*!$&,;=:@+", withHost),
  request('http://other.test/absolute', withHost),
  request('*', withHost, { method: 'OPTIONS' }),
  request('shop.test:443', withHost, { method: 'CONNECT' }),
  request('', withHost),
  request('/orders/7', withHost, { httpVersion: '1.0' }),
  request('/orders/7', withHost, { method: 'POST' }),
  request('/orders/7', withHost, { method: 'PROPFIND' }),
  request('/orders/7', withHost, { method: 'QUERY' }),
  request('/orders/7', withHost, { method: undefined }),
  request('/orders/7', withHost, { socket: {} }),
  request('/orders/7', { ...withHost, 'x-forwarded-for': '203.0.113.9, 10.0.0.1' }),
  request('/orders/7', { ...withHost, 'x-forwarded-for': '203.0.113.9:5000' }),
  request('/orders/7', { ...withHost, 'x-forwarded-for': '[2001:db8::1]:5000' }),
  request('/orders/7', { ...withHost, 'x-forwarded-for': '' }),
  request('/orders/7', { ...withHost, 'x-forwarded-host': 'outside.test', 'x-forwarded-proto': 'https' }),
  request('/orders/7', { ...withHost, forwarded: 'for=192.0.2.60;proto=https;host=outside.test' }),
])('$method $url of $headers', (of) => {
  expect(ours(of)).toEqual(upstreams(of));
});

test('a request to a known host starts with the object of the one before', () => {
  const attributes = new IncomingAttributes('http');
  const [first, second] = [attributes.plain(request('/a', withHost)), attributes.plain(request('/b', withHost))];
  expect(first).toBeDefined();
  expect(second).toBe(first);
});

test('strangers who send many hosts are all told right', () => {
  const attributes = new IncomingAttributes('http');
  for (let i = 0; i < 1_000; i++)
    expect(attributes.plain(request('/', { host: `h${i}.test` }))?.options.attributes?.['server.address']).toBe(`h${i}.test`);
});
