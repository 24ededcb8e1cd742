// No value of an app leaves its process: marked values are put everywhere an app has values, then looked for in every byte that goes out.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { EVERYTHING_ON, NOTHING, runCanary, runExampleService, searchAll } from './canary-run.ts';
import { findLeaks, ownLines } from './leaks.ts';

const TIMEOUT_MS = 120_000;

test(
  'with everything on, by protobuf: no value in spans, log records, metrics, own lines',
  async () => {
    const left = await runCanary({
      ...EVERYTHING_ON,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    });
    expect(searchAll(left)).toEqual(NOTHING);
    // It was all there to be looked at.
    expect(missing(SIGNS, left.otlp)).toEqual([]);
    expect(left.metrics).toMatch(/db_client_operation_duration.*sietch_ours_circuit_state/s);
    expect(left.stderr).toMatch(/"event":"sietch.pg.slow_query".*"event":"sietch.queue.dead"/s);
    expect(missing(['"library":"pg"', '"statement":"', '"nodes":['], left.now ?? '')).toEqual([]);
    // Nor does a span end before it starts, which OpenTelemetry would warn of.
    expect(left.stderr).not.toContain('Inconsistent start and end time');
  },
  TIMEOUT_MS,
);

const missing = (signs: readonly string[], text: string): string[] => signs.filter((sign) => !text.includes(sign));

const SIGNS = [
  // spans
  'POST /orders/:kind',
  'pg.connect',
  'SELECT cards',
  'MULTI set',
  'process orders',
  'process webhooks',
  // of what failed
  'SQLSTATE 22P02 data_exception',
  'SQLSTATE P0001 plpgsql_error',
  'WRONGTYPE',
  'sietch.pg.blocked',
  'E_DECLINED',
  // log records
  'sietch.pg.slow_query',
  'sietch.still_running',
  // Plans are looked for as all else is, but whether one is made depends on time: at most one in two seconds (src/observe/postgresql/explain.ts); test/integrations/pg/secrets.test.ts is about them.
  'sietch.redis.command',
  'sietch.queue.dead',
  'sietch.queue.degraded',
  'sietch.circuit_breaker.open',
  'sietch.circuit_breaker.fallback_failed',
  // the alert, the end
  '"reason":"failure_rate"',
  'uncaughtException',
];

test(
  'with the defaults, by JSON, and an app that logs its values: its log lines stay its own',
  async () => {
    const left = await runCanary({ LOG_VALUES: 'on' });
    expect(searchAll(left)).toEqual(NOTHING);
    expect(left.otlp).toContain('"name":"useBreakers ended"');
    expect(left.otlp).toContain('"stringValue":"uncaughtException"');
  },
  TIMEOUT_MS,
);

const EVERYWHERE = { OTEL_TRACES_EXPORTER: 'otlp,zipkin,console', OTEL_LOGS_EXPORTER: 'otlp,console', OTEL_METRICS_EXPORTER: 'console' };
/** What only these exporters write. */
const FORMS = { zipkin: '"localEndpoint":{', otlp: '"resourceSpans":[', console: 'instrumentationScope: {' };

test(
  'by the console exporters and Zipkin: no value on stdout, none on the wire',
  async () => {
    const left = await runCanary({ ...EVERYTHING_ON, ...EVERYWHERE });
    expect({ ...searchAll(left), stdout: findLeaks(left.stdout) }).toEqual({ ...NOTHING, stdout: [] });
    expect(missing([FORMS.zipkin, FORMS.otlp, ...SIGNS], left.otlp)).toEqual([]);
    expect(missing([FORMS.console, 'process webhooks', 'db.client.operation.duration'], left.stdout)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'in a worker thread: no value in what goes out through the main thread',
  async () => {
    const left = await runCanary({ ...EVERYTHING_ON, SIETCH_OTEL_WORKER_THREADS: 'on', CANARY_THREAD: 'on' });
    expect(searchAll(left)).toEqual(NOTHING);
    expect(missing(['thread.id', ...SIGNS], left.otlp)).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'a worker thread, the console and Zipkin show values where they are asked to',
  async () => {
    const shown = { SIETCH_OTEL_PG_QUERY_TEXT: 'raw', SIETCH_OTEL_WORKER_THREADS: 'on', CANARY_THREAD: 'on' };
    const [otlp, zipkin, console] = await Promise.all([
      runCanary({ ...shown, OTEL_TRACES_EXPORTER: 'otlp' }),
      runCanary({ ...shown, OTEL_TRACES_EXPORTER: 'zipkin' }),
      runCanary({ ...shown, OTEL_TRACES_EXPORTER: 'console' }),
    ]);
    for (const [form, text] of [
      [FORMS.otlp, otlp.otlp],
      [FORMS.zipkin, zipkin.otlp],
      [FORMS.console, console.stdout],
    ] as const) {
      expect(missing([form], text)).toEqual([]);
      const found = findLeaks(text).join('\n');
      expect(found, form).toContain('kanarie-sql-literal');
      expect(found, form).not.toContain('kanarie-sql-parameter');
    }
  },
  TIMEOUT_MS,
);

test(
  'the same program shows its values where it is asked to',
  async () => {
    const left = await runCanary({
      LOG_VALUES: 'on',
      OTEL_LOGS_EXPORTER: 'otlp',
      SIETCH_OTEL_PG_QUERY_TEXT: 'raw',
      SIETCH_OTEL_HTTP_QUERY_VALUES: 'token',
      OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS: 'x-api-key,authorization,referer',
    });
    expect(searchAll(left).now).toEqual([]);
    const found = searchAll(left).otlp.join('\n');
    for (const place of ['sql-literal', 'sql-cast', 'http-query', 'http-referer', 'log-field', 'log-message']) {
      expect(found).toContain(`kanarie-${place}`);
    }
    expect(found).toContain('4111111111111111');
    // What nobody asked for stays, and so do headers that are credentials.
    for (const place of [
      'sql-parameter',
      'http-authorization',
      'http-api-key',
      'http-body',
      'redis-value',
      'job-data',
      'breaker-error',
      'uncaught',
    ]) {
      expect(found).not.toContain(`kanarie-${place}`);
    }
  },
  TIMEOUT_MS,
);

test(
  'the example service keeps what its webhooks hold',
  async () => {
    const left = await runExampleService({ ...EVERYTHING_ON, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' });
    expect(searchAll(left)).toEqual(NOTHING);
    for (const sign of ['POST /webhooks/paddle', 'process webhooks', 'sietch.redis.command', 'sietch.circuit_breaker.open']) {
      expect(left.otlp).toContain(sign);
    }
  },
  TIMEOUT_MS,
);

test.each([
  ['a collector that is away', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:kanarie-endpoint@127.0.0.1:1/?token=kanarie-endpoint-query' }],
  ['a collector that has no address', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://user:kanarie-endpoint@nosuch.invalid' }],
  ['an endpoint that is none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'user:kanarie-endpoint@collector' }],
  [
    'Zipkin',
    { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'http://user:kanarie-zipkin@127.0.0.1:1/spans?token=kanarie-zipkin' },
  ],
  [
    'other settings, wrong ones too',
    {
      OTEL_EXPORTER_OTLP_HEADERS: 'kanarie-header-without-value,authorization=Bearer kanarie-header',
      OTEL_RESOURCE_ATTRIBUTES: 'token=kanarie-resource',
      SIETCH_OTEL_CIRCUIT_WEBHOOK_URL: 'ftp://user:kanarie-alert@host',
      SIETCH_OTEL_PROMETHEUS_BASIC_AUTH: 'kanarie-basic',
      SIETCH_OTEL_PROMETHEUS_BEARER_TOKEN: 'kanarie-bearer',
    },
  ],
])('the start-up line and the diagnostics do not show the secrets of %s', async (_, env) => {
  const { code, stderr } = await runApp('test/app/exit-ways.cjs', {
    args: ['exit'],
    receiver: { url: 'http://127.0.0.1:1' },
    env: { OTEL_LOG_LEVEL: 'info', OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'prometheus,otlp', ...env },
  }).waitForExit();
  expect(code).toBe(3);
  expect(ownLines(stderr)).toMatch(/^\[sietch-otel\] \d/m);
  expect(findLeaks(stderr)).toEqual([]);
});

test('what is looked for is found in every form', () => {
  const value = 'pay with 4111 1111-1111.1111';
  const number = Buffer.alloc(20);
  number.writeDoubleLE(4111111111111111, 7);
  const forms = [
    value,
    'KANARIE',
    encodeURIComponent('4111111111111111'),
    ...['', 'x', 'xx'].map((before) => Buffer.from(`${before}kanarie`).toString('base64')),
    Buffer.from('kanarie').toString('hex'),
    number.toString('latin1'),
    Buffer.from([0x20, 0xc7, 0xe3, 0xa3, 0xab, 0x8a, 0xe1, 0xa6, 0x07]).toString('latin1'),
  ];
  for (const form of forms) expect(findLeaks(form), form).not.toEqual([]);
  expect(findLeaks(gzipSync(value).toString('latin1'))).toEqual([]);
});
