import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Export, type Receiver, startReceiver } from '../support/otlp.ts';

const TRACE = { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'AB'.repeat(16), spanId: 'CD'.repeat(8), name: 'GET' }] }] }] };
const JSON_TYPE = { 'content-type': 'application/json' };
const PROTOBUF_TYPE = { 'content-type': 'application/x-protobuf' };

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ maxBodyBytes: 10_000 });
});
afterAll(() => receiver?.close());
beforeEach(() => receiver.store.clear());

interface Answer {
  status: number;
  type: string | undefined;
  body: string;
  headers: IncomingHttpHeaders;
}

function send(path: string, body: string | Buffer, headers: Record<string, string> = JSON_TYPE, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${receiver.url}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const type = response.headers['content-type'];
        resolve({ status: response.statusCode ?? 0, type, body: Buffer.concat(chunks).toString(), headers: response.headers });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

test('an export is stored, told to listeners and answered with an empty message of the same encoding', async () => {
  const exports: Export[] = [];
  const stop = receiver.onExport((received) => exports.push(received));
  expect(await send('/v1/traces', JSON.stringify(TRACE))).toMatchObject({ status: 200, type: 'application/json', body: '{}' });
  expect(await send('/v1/logs', '', PROTOBUF_TYPE)).toMatchObject({ status: 200, type: 'application/x-protobuf', body: '' });
  stop();
  await send('/v1/metrics', '{}');
  expect(exports.map(({ signal, encoding }) => [signal, encoding])).toEqual([
    ['traces', 'json'],
    ['logs', 'protobuf'],
  ]);
  expect(receiver.store.spans).toMatchObject([
    { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), parentSpanId: '', name: 'GET', service: '' },
  ]);
});

test('gzip and a content type with parameters', async () => {
  const headers = { 'content-type': 'Application/JSON; charset=utf-8', 'content-encoding': 'gzip' };
  expect((await send('/v1/traces', gzipSync(JSON.stringify(TRACE)), headers)).status).toBe(200);
  expect(receiver.store.spans).toHaveLength(1);
});

test.each([
  ['another path', '/v1/profiles', '{}', JSON_TYPE, 'POST', 404],
  ['no path', '/', '{}', JSON_TYPE, 'POST', 404],
  ['another method', '/v1/traces', '', JSON_TYPE, 'GET', 405],
  ['another content type', '/v1/traces', '{}', { 'content-type': 'text/plain' }, 'POST', 415],
  ['no content type', '/v1/traces', '{}', {}, 'POST', 415],
  ['another content encoding', '/v1/traces', '{}', { ...JSON_TYPE, 'content-encoding': 'br' }, 'POST', 415],
  ['broken gzip', '/v1/traces', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 'POST', 400],
  ['broken JSON', '/v1/traces', '{', JSON_TYPE, 'POST', 400],
  ['JSON of another shape', '/v1/traces', '[]', JSON_TYPE, 'POST', 400],
  ['a list that is none', '/v1/traces', '{"resourceSpans":{}}', JSON_TYPE, 'POST', 400],
  ['a body that is too long', '/v1/traces', 'x'.repeat(10_001), JSON_TYPE, 'POST', 413],
  [
    'a body that is too long when unpacked',
    '/v1/traces',
    gzipSync('x'.repeat(10_001)),
    { ...JSON_TYPE, 'content-encoding': 'gzip' },
    'POST',
    413,
  ],
])('%s is refused', async (_what, path, body, headers, method, status) => {
  const answer = await send(path, body, headers as Record<string, string>, method);
  expect(answer).toMatchObject({ status, type: 'application/json' });
  expect(JSON.parse(answer.body)).toEqual({ message: expect.any(String) });
  if (status === 405) expect(answer.headers.allow).toBe('POST');
  expect(receiver.store.spans).toEqual([]);
});

test.each([
  ['no ids', {}],
  ['no span id', { traceId: 'ab'.repeat(16) }],
  ['ids of zeros', { traceId: '0'.repeat(32), spanId: '0'.repeat(16) }],
  ['an id that is too short', { traceId: 'ab'.repeat(16), spanId: 'cd' }],
  ['an id that is no hex', { traceId: 'xy'.repeat(16), spanId: 'cd'.repeat(8) }],
])('a span with %s is left out, its neighbours are kept, and the sender is told', async (_what, ids) => {
  const [good] = TRACE.resourceSpans[0]?.scopeSpans[0]?.spans ?? [];
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...ids, name: 'bad' }, good] }] }] };
  const answer = await send('/v1/traces', JSON.stringify(body));
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({
    partialSuccess: { rejectedSpans: '1', errorMessage: 'spans without a valid trace id and span id' },
  });
  expect(receiver.store.spans.map(({ name }) => name)).toEqual(['GET']);
});

test('a partial success in protobuf', async () => {
  // ExportTraceServiceRequest with 300 empty spans.
  const spans = Buffer.from('1200'.repeat(300), 'hex');
  const field = (message: Buffer, tag = 0x0a) =>
    Buffer.concat([Buffer.from([tag, (message.length & 0x7f) | 0x80, message.length >> 7]), message]);
  const answer = await send('/v1/traces', field(field(spans, 0x12)), PROTOBUF_TYPE);
  expect(answer.status).toBe(200);
  const [rejected, message] = [Buffer.from([0x08, 0xac, 0x02]).toString(), 'spans without a valid trace id and span id'];
  const partial = `${rejected}\x12${String.fromCharCode(message.length)}${message}`;
  expect(answer.body).toBe(`\x0a${String.fromCharCode(partial.length + 0)}${partial}`);
});

test('long texts are cut, with their length', async () => {
  const long = 'é'.repeat(1_000_000);
  const large = await startReceiver();
  const attributes = [{ key: long, value: { stringValue: long } }];
  const body = JSON.stringify({
    resourceSpans: [{ scopeSpans: [{ spans: [{ ...TRACE.resourceSpans[0]?.scopeSpans[0]?.spans[0], name: long, attributes }] }] }],
  });
  try {
    const answer = await fetch(`${large.url}/v1/traces`, { method: 'POST', headers: JSON_TYPE, body });
    expect(answer.status).toBe(200);
    const cut = `${'é'.repeat(65_536)}… (cut: 1000000 characters)`;
    expect(large.store.spans).toMatchObject([{ name: cut, attributes: { [cut]: cut } }]);
  } finally {
    await large.close();
  }
});

test('a refused protobuf body is answered in protobuf', async () => {
  const answer = await send('/v1/traces', Buffer.from([0x0a, 0x05, 0x01]), PROTOBUF_TYPE);
  // A google.rpc.Status whose field 2 is the message.
  expect(answer).toMatchObject({ status: 400, type: 'application/x-protobuf' });
  expect(answer.body.slice(0, 15)).toBe(`\x12${String.fromCharCode(answer.body.length - 2)}bad request: `);
});

test('a body without a length that is too long is cut off', async () => {
  const chunked = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
  expect((await send('/v1/traces', 'x'.repeat(10_001), chunked)).status).toBe(413);
});

test('refusals say nothing of what was sent', async () => {
  const body = JSON.stringify({ resourceSpans: [{ resource: { attributes: [{ key: 7, value: { stringValue: '4111111111111111' } }] } }] });
  const answer = await send('/v1/traces', body);
  expect(answer.status).toBe(400);
  expect(answer.body).not.toContain('4111');
});

test('a sender that goes away in the middle of a body breaks nothing', async () => {
  const socket = connect(receiver.port, '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write('POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"reso');
  socket.resetAndDestroy();
  expect((await send('/v1/traces', JSON.stringify(TRACE))).status).toBe(200);
});

test('a handler gets requests first', async () => {
  const handled = await startReceiver({
    handler: (request, response) => {
      if (request.url !== '/v1/traces') return false;
      response.writeHead(503, { 'retry-after': '1' }).end();
      return true;
    },
  });
  try {
    const post = (path: string) => fetch(`${handled.url}${path}`, { method: 'POST', headers: JSON_TYPE, body: '{}' });
    expect((await post('/v1/traces')).status).toBe(503);
    expect((await post('/v1/logs')).status).toBe(200);
  } finally {
    await handled.close();
  }
});

test('a port that is taken is an error; a closed receiver frees its own', async () => {
  const first = await startReceiver();
  await expect(startReceiver({ port: first.port })).rejects.toThrow(/EADDRINUSE/);
  // An open connection does not hold it up.
  const socket = connect(first.port, '127.0.0.1').on('error', () => {});
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  await first.close();
  const second = await startReceiver({ port: first.port });
  await second.close();
});
