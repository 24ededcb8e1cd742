// Each cause that the environment tells, broken on purpose; and with its remedy, gone.
import { expect, test } from 'vitest';
import { checkEnvironment } from '../../src/doctor/environment-checks.js';

type Env = Readonly<Record<string, string>>;

/** Broken, and with the remedy. */
const CASES: readonly (readonly [code: string, broken: Env, mended: Env, detail?: RegExp])[] = [
  ['SIETCH002', { OTEL_BSP_MAX_QUEUE_SIZE: 'many' }, { OTEL_BSP_MAX_QUEUE_SIZE: '4096' }, /OTEL_BSP_MAX_QUEUE_SIZE: expected an integer/],
  ['SIETCH002', { SIETCH_OTEL_BANER: 'off' }, { SIETCH_OTEL_BANNER: 'off' }, /SIETCH_OTEL_BANER.*did you mean SIETCH_OTEL_BANNER\?/],
  ['SIETCH100', { OTEL_SDK_DISABLED: 'true' }, { OTEL_SDK_DISABLED: 'false' }],
  ['SIETCH101', { OTEL_TRACES_EXPORTER: 'otlp,none' }, { OTEL_TRACES_EXPORTER: 'otlp' }],
  ['SIETCH102', { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }],
  [
    'SIETCH102',
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' },
  ],
  ['SIETCH103', { OTEL_TRACES_SAMPLER: 'sometimes' }, {}, /OTEL_TRACES_SAMPLER=sometimes/],
  [
    'SIETCH103',
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' },
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' },
  ],
  ['SIETCH104', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }],
  [
    'SIETCH105',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
  ],
  [
    'SIETCH106',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/v1/traces' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  ],
  [
    'SIETCH107',
    { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector:4318' },
    { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://collector:4318/v1/logs' },
  ],
  ['SIETCH109', { OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED: 'false' }, { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg' }],
  [
    'SIETCH121',
    { HTTP_PROXY: 'http://proxy:3128', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
    { HTTP_PROXY: 'http://proxy:3128' },
  ],
  ['SIETCH122', { OTEL_PROPAGATORS: 'b3' }, { OTEL_PROPAGATORS: 'b3,tracecontext' }],
  ['SIETCH124', { OTEL_BSP_SCHEDULE_DELAY: '600000' }, { OTEL_BSP_SCHEDULE_DELAY: '5000' }],
  ['SIETCH125', { SIETCH_OTEL_SHUTDOWN_MS: '0' }, { SIETCH_OTEL_SHUTDOWN_MS: '1000' }],
  ['SIETCH125', { SIETCH_OTEL_SIGNALS: 'off' }, { SIETCH_OTEL_SIGNALS: 'on' }],
];

test.for(CASES)('%s: %o', ([code, broken, mended, detail]) => {
  const findings = checkEnvironment(broken, 'shop');
  expect(findings.map((finding) => finding.code)).toEqual([code]);
  if (detail !== undefined) expect(findings[0]?.detail).toMatch(detail);
  expect(checkEnvironment(mended, 'shop')).toEqual([]);
});

test('SIETCH123: a service without a name', () => {
  expect(checkEnvironment({}, 'unknown_service:node')).toEqual([{ code: 'SIETCH123' }]);
});

test('nothing set, nothing found', () => {
  expect(checkEnvironment({}, 'shop')).toEqual([]);
});

test('credentials in a URL or a header are not shown', () => {
  const secret = 'hunter2';
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${secret}@collector:4317/v1/traces`,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://user:${secret}@collector:4317`,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=${secret}`,
    HTTPS_PROXY: `http://user:${secret}@proxy`,
  };
  const findings = checkEnvironment(env, 'shop');
  expect(findings.map(({ code }) => code)).toEqual(['SIETCH104', 'SIETCH106', 'SIETCH107', 'SIETCH121']);
  expect(JSON.stringify(findings)).not.toContain(secret);
});
