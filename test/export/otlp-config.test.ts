// The HTTP settings must mean what they mean in upstream's exporters: both read the same environments here.
import { join } from 'node:path';
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http';
import { afterEach, expect, test, vi } from 'vitest';
import { readOtlpHttpConfig } from '../../src/export/otlp-config.js';
import { ROOT } from '../support/checkout.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const CERT = join(ROOT, 'test/fixtures/tls/cert.pem');
const KEY = join(ROOT, 'test/fixtures/tls/key.pem');

const ENVIRONMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nothing set': {},
  'base url': { ENDPOINT: 'http://collector:4318' },
  'base url with a slash': { ENDPOINT: 'http://collector:4318/' },
  'base url with a path': { ENDPOINT: 'https://collector/otlp' },
  'url of the signal': { ENDPOINT: 'http://collector:4318', TRACES_ENDPOINT: 'http://traces:9/in', LOGS_ENDPOINT: 'http://logs:9/in' },
  'url of the signal without a path': { TRACES_ENDPOINT: 'http://traces:9', LOGS_ENDPOINT: 'http://logs:9' },
  'url of the signal is none': { ENDPOINT: 'http://collector:4318', TRACES_ENDPOINT: 'nonsense', LOGS_ENDPOINT: '' },
  'base url is none': { ENDPOINT: 'nonsense' },
  headers: { HEADERS: 'a=1,b=two%20words', TRACES_HEADERS: 'b=3, c = 4', LOGS_HEADERS: 'authorization=Basic%20x%3D%3D' },
  'headers badly written': { HEADERS: 'a,=b,c=' },
  timeouts: { TIMEOUT: '5000', TRACES_TIMEOUT: '100' },
  'bad timeouts': { TIMEOUT: '-1', TRACES_TIMEOUT: 'soon' },
  gzip: { COMPRESSION: 'gzip', LOGS_COMPRESSION: 'none' },
  'bad compression': { COMPRESSION: 'brotli' },
  certificates: {
    ENDPOINT: 'https://collector:4318',
    CERTIFICATE: CERT,
    CLIENT_CERTIFICATE: CERT,
    CLIENT_KEY: KEY,
    TRACES_CERTIFICATE: KEY,
  },
  'certificates missing': { ENDPOINT: 'https://collector:4318', CERTIFICATE: '/nonexistent' },
};

const SIGNALS = [
  ['TRACES', 'v1/traces'],
  ['METRICS', 'v1/metrics'],
  ['LOGS', 'v1/logs'],
] as const;

const CASES = Object.entries(ENVIRONMENTS).flatMap(([name, env]) => SIGNALS.map(([signal, path]) => [name, signal, path, env] as const));

test.for(CASES)('%s: %s', async ([, signal, path, variables]) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(`OTEL_EXPORTER_OTLP_${name}`, value);
  const ours = readOtlpHttpConfig(process.env, signal);
  const theirs = convertLegacyHttpOptions({}, signal, path, {});
  expect(new URL(ours.url).href).toBe(new URL(theirs.url).href);
  expect(ours.headers).toEqual(await theirs.headers());
  expect(ours.timeoutMs).toBe(theirs.timeoutMillis);
  expect(ours.gzip).toBe(theirs.compression === 'gzip');
  if (!ours.url.startsWith('https:')) return;
  const agent = await theirs.agentFactory('https:');
  expect(Reflect.get(agent, 'options')).toMatchObject(ours.tls);
});
