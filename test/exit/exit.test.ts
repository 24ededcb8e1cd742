// Nothing is lost at exit, and the exit stays what it is: each way of ending, bare and under the preload.
import { expect, test } from 'vitest';
import { allText, lastPoint, spanNamed, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { ENV, end, endObserved, startHangingCollector, WAYS, type Way } from './exit-ways.ts';

function nameOf({ way, signal }: Way): string {
  return signal === undefined ? way : `${way} (${signal})`;
}

/** The table (exit-table.ts) runs them all; here SIGINT, which is handled by the same code, goes once. */
const TESTED = WAYS.filter(({ way, signal }) => signal !== 'SIGINT' || way === 'signal');

test.for(TESTED.map((way) => [nameOf(way), way] as const))('%s', async ([, way]) => {
  const [bare, { ending, spans, logs }] = await Promise.all([end(way, { preload: 'none' }), endObserved(way)]);
  expect([...spans].sort()).toEqual([...way.spans].sort());
  expect([...logs].sort()).toEqual([...way.logs].sort());
  expect({ ...ending, ms: 0 }).toEqual({ ...bare, ms: 0 });
});

// request            ERROR, event exception: type, stack without the message
test('the error that ended the process is on the span that was active, without its message', async () => {
  const { receiver } = await endObserved({ way: 'throw in a span', spans: [], logs: [] });
  const { events, status, spanId, traceId } = spanNamed(receiver.store.spans, 'request');
  expect(status).toEqual({ code: 'ERROR', message: '' });
  expect(events).toMatchObject([
    {
      name: 'exception',
      attributes: {
        'exception.type': 'TypeError',
        'exception.stacktrace': expect.stringMatching(/^TypeError\n {4}at .*exit-ways\.cjs:\d+/),
      },
    },
  ]);
  expect(receiver.store.logs.at(-1)).toMatchObject({ eventName: 'exception', severityText: 'FATAL', spanId, traceId });
  expect(allText(receiver.store)).not.toContain('4111111111111111');
});

const CAP_MS = 300;
/** Generous: what is checked is that the exit does not wait for the collector, not how fast this machine is. */
const SLACK_MS = 3_000;

test.for(['exit', 'throw', 'natural', 'beforeExit listener', 'signal'])(
  'a collector that hangs delays "%s" by the cap at most, and the number lost is said',
  async (way) => {
    const collector = await startHangingCollector();
    const how = way === 'signal' ? ({ way, signal: 'SIGTERM' } as const) : { way };
    const bare = await end(how, { preload: 'none' });
    const ending = await end(how, { receiver: collector, env: { ...ENV, SIETCH_OTEL_SHUTDOWN_MS: String(CAP_MS) } });
    await collector.close();
    expect([ending.code, ending.signal]).toEqual([bare.code, bare.signal]);
    expect(ending.ms).toBeLessThan(CAP_MS + SLACK_MS);
    expect(ending.stderr.match(/SIETCH095 [^\n]+: (1 span|2 spans) and (1 log|2 logs) not sent/g)).toHaveLength(1);
  },
);

/** What a hanging collector must not hold: upstream's exporters wait for their requests. */
test.for([
  { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '10', OTEL_METRIC_EXPORT_TIMEOUT: '10' },
  { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  { OTEL_TRACES_EXPORTER: 'zipkin' },
])('%o and a collector that hangs: the cap holds', async (env) => {
  const collector = await startHangingCollector();
  const zipkin = { OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${collector.url}/api/v2/spans` };
  const ending = await end(
    { way: 'natural' },
    { receiver: collector, env: { ...ENV, ...zipkin, SIETCH_OTEL_SHUTDOWN_MS: String(CAP_MS), ...env } },
  );
  await collector.close();
  expect(ending.code).toBe(0);
  expect(ending.ms).toBeLessThan(CAP_MS + SLACK_MS);
  expect(ending.stderr).toContain('SIETCH095');
});

test('the last state of metrics that are pushed is sent at the natural end and at a signal', async () => {
  for (const how of [{ way: 'natural' }, { way: 'signal', signal: 'SIGTERM' }] as const) {
    const { receiver } = await endObserved(
      { ...how, spans: [], logs: [] },
      { env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '60000' } },
    );
    expect(lastPoint(receiver.store.metrics, 'otel.sdk.span.started')).toMatchObject({ value: 1 });
  }
});

test.for(['natural', 'exit'])('Zipkin gets what is left at "%s"', async (way) => {
  const bodies: string[] = [];
  const collector = await startReceiver({
    handler: (request, response) => {
      request.setEncoding('utf8').on('data', (text) => bodies.push(text));
      request.on('end', () => response.writeHead(202).end());
      return true;
    },
  });
  const env = {
    ...ENV,
    OTEL_TRACES_EXPORTER: 'zipkin',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${collector.url}/api/v2/spans`,
  };
  await end({ way }, { env });
  await collector.close();
  expect(JSON.parse(bodies.join(''))).toMatchObject([{ name: 'work', localEndpoint: { serviceName: expect.any(String) } }]);
});

test('a collector that is not there costs no wait', async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const ending = await end({ way: 'exit' }, { receiver: { url }, env: { ...ENV, SIETCH_OTEL_SHUTDOWN_MS: '20000' } });
  expect(ending.code).toBe(3);
  expect(ending.ms).toBeLessThan(10_000);
  expect(ending.stderr).toMatch(/SIETCH095 [^\n]+: 1 span and 1 log not sent to http:\/\/127\.0\.0\.1:\d+ \(/);
});
