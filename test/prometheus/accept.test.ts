import { expect, test } from 'vitest';
import { acceptsGzip, chooseFormat } from '../../src/prometheus/accept.js';
import { formatOfType } from '../../src/prometheus/format.js';

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROMETHEUS_3_NATIVE =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited';
const PROTOBUF_TYPE = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

test.each([
  [undefined, 'text'],
  ['', 'text'],
  ['*/*', 'text'],
  [BROWSER, 'text'],
  ['image/png', 'text'],
  [PROMETHEUS_2, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  [PROMETHEUS_3_NATIVE, 'protobuf'],
  [PROTOBUF, 'protobuf'],
  [`text/plain, ${PROTOBUF}, application/openmetrics-text`, 'protobuf'],
  [`${PROTOBUF};q=0.4, application/openmetrics-text;q=0.5`, 'openmetrics'],
  [PROTOBUF.replace('delimited', 'text'), 'text'],
  [PROTOBUF.replace('MetricFamily', 'Other'), 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
  ['text/plain, application/openmetrics-text', 'openmetrics'],
  ['text/plain, application/openmetrics-text;q=0.9', 'text'],
  ['application/openmetrics-text;q=0', 'text'],
  ['application/openmetrics-text;version=2.0.0', 'text'],
  ['application/openmetrics-text;q=nonsense', 'text'],
  [`${'x/y,'.repeat(100_000)}`, 'text'],
] as const)('Accept: %s gets %s', (accept, expected) => {
  expect(chooseFormat(accept).syntax).toBe(expected);
});

test.each([
  [PROMETHEUS_2, 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
  [PROMETHEUS_3, 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8'],
  [PROMETHEUS_3_NATIVE, `${PROTOBUF_TYPE}; escaping=allow-utf-8`],
  [PROTOBUF, PROTOBUF_TYPE],
  ['text/plain;version=1.0.0;escaping=allow-utf-8', 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8'],
  ['text/plain;version=0.0.4;escaping=allow-utf-8', 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'],
  ['text/plain; escaping="Dots"', 'text/plain; version=0.0.4; charset=utf-8; escaping=dots'],
  [
    'application/openmetrics-text; version=1.0.0; escaping=values',
    'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values',
  ],
  ['text/plain;escaping=rot13', 'text/plain; version=0.0.4; charset=utf-8'],
])('Accept: %s is answered with %s', (accept, contentType) => {
  expect(chooseFormat(accept).contentType).toBe(contentType);
  expect(formatOfType(contentType), 'between processes').toBe(chooseFormat(accept));
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
