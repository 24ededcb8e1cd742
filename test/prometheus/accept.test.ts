import { expect, test } from 'vitest';
import { acceptsGzip, chooseFormat } from '../../src/prometheus/accept.js';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  [BROWSER, 'text'],
  ['image/png', 'text'],
  [PROMETHEUS_2, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  ['application/openmetrics-text', 'openmetrics'],
  ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
  ['text/plain, application/openmetrics-text', 'openmetrics'],
  ['text/plain, application/openmetrics-text;q=0.9', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['application/openmetrics-text;q=nonsense', 'text'],
  [`${'x/y,'.repeat(100_000)}`, 'text'],
] as const)('Accept: %s gets %s', (accept, expected) => {
  expect(chooseFormat(accept)).toBe(expected);
});

test.each([
  [undefined, false],
  ['gzip', true],
  ['deflate, GZIP;q=0.5', true],
  ['gzip;q=0', false],
  ['gzip;q=0, *', false],
  ['*', true],
  ['*;q=0', false],
  ['identity', false],
  ['br', false],
] as const)('Accept-Encoding: %s means gzip: %s', (acceptEncoding, expected) => {
  expect(acceptsGzip(acceptEncoding)).toBe(expected);
});
