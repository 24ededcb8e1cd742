// Rows about Zipkin: what its exporter makes of the spans of test/app/conformance/traces.cjs.
import { beforeAll, expect, test } from 'vitest';
import { runConformance } from './conformance-run.ts';

interface ZipkinSpan {
  name: string;
  kind?: string;
  timestamp: number;
  duration: number;
  localEndpoint: { serviceName: string };
  tags: Record<string, string>;
}

let spans: ZipkinSpan[];
beforeAll(async () => {
  const { others } = await runConformance('traces', { env: { OTEL_TRACES_EXPORTER: 'zipkin', OTEL_SERVICE_NAME: 'shop' } });
  spans = JSON.parse(others.get('/zipkin') ?? '[]');
});
const one = (name: string) => spans.find((span) => span.name === name) ?? expect.fail(`no span ${name}`);

test('Zipkin V2 JSON', () => expect(spans.length).toBeGreaterThan(10));
test('Service name mapping', () => expect(one('root').localEndpoint).toEqual({ serviceName: 'shop' }));
test('SpanKind mapping', () => expect([one('root').kind, one('typed').kind]).toEqual(['SERVER', undefined]));
test('Boolean attributes', () => expect(one('typed').tags['yes']).toBe('true'));
test('Status mapping', () =>
  expect([one('status ok').tags['otel.status_code'], one('status unset').tags['otel.status_code']]).toEqual(['OK', undefined]));
test('Error Status mapping', () => expect(one('status error').tags).toMatchObject({ 'otel.status_code': 'ERROR', error: 'broken' }));
test('Integer microseconds in timestamps', () =>
  expect([one('timed').timestamp, one('timed').duration]).toEqual([1_700_000_000_000_000, 1_500_000]));
