// How requests end, in the terms of the semantic conventions: error.type is a text, and a request whose client is gone is no success.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { type Receiver, startReceiver } from '../../support/otlp.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  const app = runApp('test/app/odd-ends.cjs', { receiver, env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_TIMEOUT: '5000' } });
  expect(await app.waitForExit()).toMatchObject({ code: 0 });
});
afterAll(() => receiver.close());

/** Status code, error type and status of each. */
function ends(kind: 'SERVER' | 'CLIENT', path: string): unknown[][] {
  return receiver.store.spans
    .filter((span) => span.kind === kind && (span.attributes['url.path'] ?? new URL(String(span.attributes['url.full'])).pathname) === path)
    .map(({ attributes, status }) => [attributes['http.response.status_code'], attributes['error.type'], status.code]);
}

test.each([
  ['/unavailable', [503, '503', 'ERROR']],
  ['/missing', [404, undefined, 'UNSET']],
  ['/half', [200, 'ECONNRESET', 'ERROR']],
  ['/events', [200, undefined, 'UNSET']],
])('the server of %s', (path, expected) => {
  expect(ends('SERVER', path)).toEqual([expected]);
});

test('the server of a request whose client left before an answer has sent no status', () => {
  expect(ends('SERVER', '/silent')).toEqual(Array.from({ length: 4 }, () => [undefined, 'ECONNRESET', 'ERROR']));
});

test.each([
  ['/unavailable', '503'],
  ['/missing', '404'],
])('the client of %s', (path, type) => {
  expect(ends('CLIENT', path)).toEqual([[Number(type), type, 'ERROR']]);
});

test('error.type is a text wherever it is', () => {
  const types = receiver.store.spans.map(({ attributes }) => attributes['error.type']).filter((type) => type !== undefined);
  expect(types.every((type) => typeof type === 'string' && !/^\d{1,2}$/.test(type))).toBe(true);
  const points = receiver.store.metrics.filter(({ name }) => name.startsWith('http.')).flatMap((metric) => metric.points);
  expect(points.length).toBeGreaterThan(0);
  for (const { attributes } of points) expect(typeof (attributes['error.type'] ?? '')).toBe('string');
  expect(points).toContainEqual(
    expect.objectContaining({ attributes: expect.objectContaining({ 'http.response.status_code': 404, 'error.type': '404' }) }),
  );
});
