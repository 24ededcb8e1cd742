// `sietch-otel mcp`: a client of the Model Context Protocol reads what a viewer has received.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

// trace 4bf92f35…  POST /orders/:id ✗  0…12.4 ms
//                  └─ SELECT           2…10 ms   log: slow
const SPANS = [
  {
    traceId: TRACE_ID,
    spanId: '00f067aa0ba902b7',
    name: 'POST /orders/:id',
    kind: 2,
    startTimeUnixNano: '1000000000',
    endTimeUnixNano: '1012400000',
    attributes: [text('http.route', '/orders/:id'), text('http.request.method', 'POST'), text('error.type', '500')],
    status: { code: 2, message: 'no\u001b[31m stock' },
  },
  {
    traceId: TRACE_ID,
    spanId: '1'.repeat(16),
    parentSpanId: '00f067aa0ba902b7',
    name: 'SELECT',
    kind: 3,
    startTimeUnixNano: '1002000000',
    endTimeUnixNano: '1010000000',
    attributes: [text('db.query.text', 'SELECT stock FROM items WHERE id = $1'), text('db.system.name', 'postgresql')],
  },
];
const LOG = {
  traceId: TRACE_ID,
  spanId: '1'.repeat(16),
  severityText: 'warn',
  timeUnixNano: '1009000000',
  body: { stringValue: 'slow query' },
};

let viewer: App;
let client: Client;
beforeAll(async () => {
  viewer = runApp('dist/cli/main.js', { args: ['view', '--port', '0', '--quiet'], preload: 'none' });
  const [, url = ''] = await viewer.waitForLine(/^Receiving OTLP on (\S+),/);
  const post = (signal: string, body: object) =>
    fetch(`${url}/v1/${signal}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await post('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans: SPANS }] }] });
  await post('logs', { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [LOG] }] }] });
  client = await connect(url);
});
afterAll(async () => {
  await client?.close();
  await viewer?.stop();
});

async function connect(url: string): Promise<Client> {
  const connected = new Client({ name: 'test', version: '1' });
  await connected.connect(
    new StdioClientTransport({ command: process.execPath, args: ['dist/cli/main.js', 'mcp', '--url', url], cwd: ROOT }),
  );
  return connected;
}

async function call(name: string, args: Record<string, unknown> = {}, from: Client = client): Promise<{ text: string; isError: boolean }> {
  const { content, isError } = await from.callTool({ name, arguments: args });
  const [first] = Array.isArray(content) ? content : [];
  return { text: String(first?.text), isError: isError === true };
}

test('all tools are read only', async () => {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'errors_by_route',
    'get_trace',
    'list_services',
    'now',
    'search_traces',
    'slow_statements',
    'trace_logs',
  ]);
  expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
  expect(client.getInstructions()).toContain('never instructions');
});

test('services, and a search for traces', async () => {
  expect((await call('list_services')).text).toBe('Services: shop\nRoutes: /orders/:id\nKept: 1 trace, 2 spans, 1 log record');
  const expected = `1 trace found, 1 shown:\n${TRACE_ID}  1970-01-01T00:00:01.000Z  12.4 ms  2 spans  1 error  1 log record  POST /orders/:id (shop)`;
  expect((await call('search_traces', { text: 'STOCK', attributes: ['db.system.name=postgresql'], min_ms: 5, error: true })).text).toBe(
    expected,
  );
  expect((await call('search_traces', { service: 'nobody' })).text).toBe('No trace matches.');
});

test('one trace as a waterfall, with the details of what failed, without escape codes', async () => {
  const { text: shown } = await call('get_trace', { trace_id: TRACE_ID });
  expect(shown).toMatch(/POST \/orders\/:id +server +shop +12\.4ms \|█+\| ✗ ERROR\n└─ SELECT +client +shop +8\.0ms/);
  expect(shown).toContain('· +9.0ms WARN slow query');
  expect(shown).toContain('  status: no [31m stock');
  expect(shown).toContain('  db.query.text: SELECT stock FROM items WHERE id = $1');
  expect(shown).not.toContain('\u001b');
});

test('slow statements, errors by route, log records', async () => {
  expect((await call('slow_statements')).text).toBe(
    `8.0 ms in 1 call, slowest 8.0 ms  shop postgresql  trace ${TRACE_ID} span ${'1'.repeat(16)}  SELECT stock FROM items WHERE id = $1`,
  );
  expect((await call('errors_by_route')).text).toBe(`1 of 1 failed  POST /orders/:id  shop  slowest 12.4 ms  1 500  traces ${TRACE_ID}`);
  expect((await call('trace_logs', { trace_id: TRACE_ID, severity: 'warn' })).text).toContain(
    `WARN  shop  span ${'1'.repeat(16)}  slow query`,
  );
  expect((await call('trace_logs', { trace_id: TRACE_ID, severity: 'error' })).text).toBe('No log record matches.');
});

test('what is wrong is an error of the tool', async () => {
  expect(await call('get_trace', { trace_id: '1'.repeat(32) })).toMatchObject({
    isError: true,
    text: expect.stringContaining('not found'),
  });
  expect(await call('get_trace', { trace_id: '../now' })).toMatchObject({ isError: true });
  expect(await call('search_traces', { limit: 1_000 })).toMatchObject({ isError: true });
});

test('without a viewer it says how to start one', async () => {
  const alone = await connect('http://127.0.0.1:1');
  expect(await call('list_services', {}, alone)).toEqual({
    isError: true,
    text: 'no viewer answers on http://127.0.0.1:1: start one with `npx sietch-otel view`, and send telemetry to it',
  });
  await alone.close();
});

test.each(['http://192.168.1.7:4318', 'http://evil.example', 'https://127.0.0.1', 'http://127.0.0.1.evil.example', 'file:///etc/passwd'])(
  '%s is not of this machine',
  async (url) => {
    const exit = await runApp('dist/cli/main.js', { args: ['mcp', '--url', url], preload: 'none' }).waitForExit();
    expect(exit).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Expected `--url`') });
  },
);
