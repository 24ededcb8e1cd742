// What a configuration file says, as the settings that it stands for; and what is not understood, with its place.
import { expect, test } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.js';
import { parseConfiguration } from '../../src/declarative/configuration-file.js';
import type { FileConfiguration } from '../../src/declarative/file-configuration.js';

function parse(yaml: string, env: Readonly<Record<string, string>> = {}): FileConfiguration {
  return parseConfiguration(`file_format: "1.0"\n${yaml}`, env, settingsTables);
}

/** The variables that the file sets, without those of sections that are absent. */
function variables(file: FileConfiguration): Record<string, string> {
  const set = [...file.values].filter(([, { line, text }]) => !(line === 1 && text === 'none'));
  return Object.fromEntries(set.map(([name, { text }]) => [name, text]));
}

test('a file that says nothing switches everything off, as the schema has it', () => {
  const file = parse('');
  expect(Object.fromEntries([...file.values].map(([name, { text }]) => [name, text]))).toEqual({
    OTEL_PROPAGATORS: 'none',
    OTEL_TRACES_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
  });
  expect(file.reports).toEqual([]);
});

test('the whole of it', () => {
  const file = parse(
    `
disabled: false
log_level: debug3
resource:
  attributes_list: team=payments,service.name=other
  attributes:
    - name: service.name
      value: shop, north
    - { name: shards, value: 3, type: int }
    - { name: zones, value: [a, b], type: string_array }
attribute_limits: { attribute_value_length_limit: 4096, attribute_count_limit: 64 }
propagator:
  composite: [ tracecontext: , b3: ]
  composite_list: baggage,tracecontext
tracer_provider:
  processors:
    - batch:
        schedule_delay: 200
        export_timeout: 0
        max_queue_size: 10
        max_export_batch_size: 5
        exporter:
          otlp_http:
            endpoint: https://collector:4318/v1/traces
            headers: [ { name: authorization, value: "Bearer a=b;c" }, { name: x-left-out, value: } ]
            headers_list: x-tenant=1
            compression: gzip
            timeout: 500
            encoding: json
            tls: { ca_file: /ca.pem, key_file: /key.pem, cert_file: /cert.pem }
    - simple: { exporter: { console: } }
  limits: { attribute_count_limit: 10, event_count_limit: 1, link_count_limit: 2, event_attribute_count_limit: 3, link_attribute_count_limit: 4 }
  sampler: { parent_based: { root: { trace_id_ratio_based: { ratio: 0.25 } }, remote_parent_sampled: { always_on: } } }
meter_provider:
  readers:
    - pull: { exporter: { prometheus/development: { host: 0.0.0.0, port: 9100 } } }
    - periodic:
        interval: 1000
        timeout: 900
        exporter:
          otlp_grpc: { endpoint: "http://collector:4317", tls: { insecure: true }, temporality_preference: low_memory }
  exemplar_filter: always_off
logger_provider:
  processors: [ batch: { schedule_delay: 10, exporter: { otlp_http: } } ]
  limits: { attribute_count_limit: 7 }
distribution:
  other: { anything: true }
  sietch:
    pg: { slow_query_ms: 50, explain: true, query_text: off }
    http: { ignore_paths: [ /healthz, /static/* ] }
    redis: { slow_ms: }
`,
  );
  expect(file.reports).toEqual([]);
  expect(file.resource).toEqual({ shards: 3, zones: ['a', 'b'] });
  expect(variables(file)).toEqual({
    OTEL_SDK_DISABLED: 'false',
    OTEL_LOG_LEVEL: 'debug',
    OTEL_SERVICE_NAME: 'shop, north',
    OTEL_RESOURCE_ATTRIBUTES: 'team=payments,service.name=other,service.name=shop%2C%20north',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4096',
    OTEL_ATTRIBUTE_COUNT_LIMIT: '64',
    OTEL_PROPAGATORS: 'tracecontext,b3,baggage',
    OTEL_TRACES_EXPORTER: 'otlp,console',
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_BSP_EXPORT_TIMEOUT: '2147483647',
    OTEL_BSP_MAX_QUEUE_SIZE: '10',
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '5',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector:4318/v1/traces',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=1,authorization=Bearer%20a%3Db%3Bc',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '500',
    OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/ca.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: '/key.pem',
    OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: '/cert.pem',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '10',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '1',
    OTEL_SPAN_LINK_COUNT_LIMIT: '2',
    OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT: '3',
    OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT: '4',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25',
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0',
    OTEL_EXPORTER_PROMETHEUS_PORT: '9100',
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    OTEL_METRIC_EXPORT_TIMEOUT: '900',
    OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4317',
    OTEL_EXPORTER_OTLP_METRICS_INSECURE: 'true',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'lowmemory',
    OTEL_METRICS_EXEMPLAR_FILTER: 'always_off',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
    OTEL_BLRP_SCHEDULE_DELAY: '10',
    OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '7',
    SIETCH_OTEL_PG_SLOW_QUERY_MS: '50',
    SIETCH_OTEL_PG_EXPLAIN: 'true',
    SIETCH_OTEL_PG_QUERY_TEXT: 'off',
    SIETCH_OTEL_HTTP_IGNORE_PATHS: '/healthz,/static/*',
    SIETCH_OTEL_REDIS_SLOW_MS: '',
  });
});

test('distribution says what the standard part does not, and no more than that', () => {
  const zipkin = 'distribution: { sietch: { otel: { traces: zipkin }, sdk: { zipkin_endpoint: http://zipkin:9411 } } }\n';
  const alone = parse(zipkin);
  expect([alone.values.get('OTEL_TRACES_EXPORTER')?.text, alone.reports]).toEqual(['zipkin', []]);
  const both = parse(`${zipkin}tracer_provider: { processors: [ simple: { exporter: { console: } } ] }\n`);
  expect(both.values.get('OTEL_TRACES_EXPORTER')?.text).toBe('console');
  expect(both.reports).toEqual([
    '2:43 distribution.sietch.otel.traces: there is one value for all, that of line 3 (tracer_provider.processors); it is ignored',
  ]);
});

test.for([
  ['always_on:', { OTEL_TRACES_SAMPLER: 'always_on' }],
  ['always_off: {}', { OTEL_TRACES_SAMPLER: 'always_off' }],
  ['trace_id_ratio_based:', { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1' }],
  ['parent_based:', { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }],
  [
    'parent_based: { root: { probability/development: { ratio: 0 } } }',
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
  ],
] as const)('the sampler %s has a variable', ([sampler, expected]) => {
  const file = parse(`tracer_provider:\n  processors: []\n  sampler: { ${sampler} }\n`);
  expect([file.sampler, file.reports]).toEqual([undefined, []]);
  expect(Object.fromEntries([...file.values].filter(([name]) => name.includes('SAMPLER')).map(([name, { text }]) => [name, text]))).toEqual(
    expected,
  );
});

test('a sampler that no variable can name is kept as it is', () => {
  const file = parse(
    'tracer_provider:\n  processors: []\n  sampler:\n    parent_based:\n      remote_parent_sampled:\n        trace_id_ratio_based: { ratio: 0.5 }\n',
  );
  expect(file.sampler).toEqual({ kind: 'parent_based', root: { kind: 'always_on' }, remoteParentSampled: { kind: 'ratio', ratio: 0.5 } });
});

test('views are those of the SDK', () => {
  const { views, reports } = parse(`
meter_provider:
  readers: [ pull: { exporter: { prometheus/development: } } ]
  views:
    - selector: { instrument_name: "http.*", instrument_type: observable_up_down_counter, unit: s, meter_name: m }
      stream:
        aggregation: { explicit_bucket_histogram: { boundaries: [1, 2.5], record_min_max: false } }
        attribute_keys: { included: ["a*"], excluded: [ab] }
    - { selector: { instrument_name: secret }, stream: { name: renamed, aggregation: { drop: } } }
    - { selector: { }, stream: { aggregation: { base2_exponential_bucket_histogram: { max_size: 40, max_scale: 3 } } } }
    - { stream: { } }
`);
  expect(views).toEqual([
    {
      options: {
        instrumentName: 'http.*',
        instrumentType: 'OBSERVABLE_UP_DOWN_COUNTER',
        instrumentUnit: 's',
        meterName: 'm',
        aggregation: { type: 4, options: { boundaries: [1, 2.5], recordMinMax: false } },
      },
      attributeKeys: { included: ['a*'], excluded: ['ab'] },
    },
    { options: { instrumentName: 'secret', name: 'renamed', aggregation: { type: 1 } } },
    { options: { instrumentName: '*', aggregation: { type: 5, options: { maxSize: 40 } } } },
  ]);
  expect(reports).toEqual([
    expect.stringContaining('max_scale: not supported; using 20'),
    expect.stringContaining('views[3]: a view needs selector and stream; it is ignored'),
  ]);
});

test('what is not understood is named with its place, and the rest is used', () => {
  const { reports } = parse(`
log_level: loud
recource:
  attributes: []
tracer_provider:
  processors:
    - batch:
        schedule_delay: soon
        exporter:
          otlp_htp:
            endpoint: http://collector:4318
    - batch: { exporter: { otlp_http: } }
    - batch: { exporter: { otlp_http: } }
  sampler: { composite/development: { } }
meter_provider: { views: [] }
instrumentation/development: { general: }
distribution:
  sietch:
    pgg: { }
    core: { worker_threads: true }
    metrics: { bearer_token: [secret], basic_auth: secret }
    pg: { slow_query: 50, explain: maybe, slow_query_ms: -1 }
`);
  expect(reports).toEqual([
    '3:12 log_level: expected one of ' +
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((name) => ['', 2, 3, 4].map((more) => name + more)).join(', ') +
      ', got "loud"; it is ignored',
    '4:1 recource: unknown, it is ignored; did you mean resource?',
    '11:11 tracer_provider.processors[0].batch.exporter.otlp_htp: unknown, it is ignored; did you mean otlp_http?',
    '14:26 tracer_provider.processors[2].batch.exporter: there is one otlp exporter for each signal; it is ignored',
    '15:12 tracer_provider.sampler.composite/development: experimental and not supported, it is ignored',
    '16:17 meter_provider: it needs readers; no metrics are exported',
    '17:1 instrumentation/development: experimental and not supported, it is ignored',
    '20:5 distribution.sietch.pgg: unknown, it is ignored; did you mean pg?',
    '21:29 distribution.sietch.core.worker_threads: it is read before this file is, so it is ignored; set SIETCH_OTEL_WORKER_THREADS',
    '22:52 distribution.sietch.metrics.basic_auth: expected `user:password`, got [REDACTED]; using none',
    '23:11 distribution.sietch.pg.slow_query: unknown, it is ignored; did you mean slow_query_ms?',
    '23:36 distribution.sietch.pg.explain: expected on or off, got "maybe"; using off',
    '23:58 distribution.sietch.pg.slow_query_ms: expected an integer of at least 0, got "-1"; using 100',
  ]);
});

test('the number of lines is bounded', () => {
  const keys = Array.from({ length: 50 }, (_, index) => `key_without_meaning_${index}: 1`);
  const { reports } = parse(keys.join('\n'));
  expect(reports).toHaveLength(21);
  expect(reports.at(-1)).toBe('30 more like these');
});

test('anchors are followed', () => {
  const file = parse(`
tracer_provider: { processors: [ batch: { exporter: &collector { otlp_http: { compression: gzip } } } ] }
logger_provider: { processors: [ batch: { exporter: *collector } ] }
`);
  expect(file.values.get('OTEL_EXPORTER_OTLP_LOGS_COMPRESSION')?.text).toBe('gzip');
});

test.for([
  [
    'aliases without end',
    `a: &a [x]\n${Array.from('bcdefghi', (name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join()}]`).join('\n')}\ntracer_provider: { processors: *i }`,
    /^$/,
  ],
  ['a list of many', `tracer_provider:\n  processors: [${'{},'.repeat(20_000)}]`, /it holds more than 10000 values/],
  ['brackets without end', `a: ${'['.repeat(30_000)}`, /no valid YAML|RangeError|it cannot be parsed|call stack/],
] as const)('%s end', ([, yaml, message]) => {
  const startedAt = performance.now();
  const reason = () => {
    try {
      parse(yaml);
      return '';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  expect(reason()).toMatch(message);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});

test.for([
  ['', 'file_format: expected "1.0" or "1.1", got none'],
  ['file_format: "0.4"', 'file_format: expected "1.0" or "1.1", got "0.4"'],
  ['file_format: "2.0"', 'file_format: expected "1.0" or "1.1", got "2.0"'],
  ['[1, 2]', 'file_format: expected "1.0" or "1.1", got none'],
  ['just text', 'file_format: expected "1.0" or "1.1", got none'],
  ['file_format: "1.0"\nfile_format: "1.1"', '2:1 no valid YAML: Map keys must be unique (DUPLICATE_KEY)'],
  ['file_format: "1.0"\npassword: secret: secret', /^2:\d+ no valid YAML: (?!.*secret)/],
  ['file_format: "1.0"\n---\nfile_format: "1.0"', /no valid YAML: Source contains multiple documents/],
] as const)('%j cannot be used', ([yaml, message]) => {
  expect(() => parseConfiguration(yaml, {}, {})).toThrow(message);
});

test('a newer minor version is used, and said', () => {
  expect(parseConfiguration('file_format: "1.7"', {}, {}).reports).toEqual([
    '1:14 file_format: newer than 1.1, some of it may not be understood',
  ]);
});
