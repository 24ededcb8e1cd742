// Every variable of OpenTelemetry's specification, in a process of its own kind under the real preload: a legal value does what it says, in any case where
// case does not matter; a wrong one is one line that names it, and the default is used; an empty one is as none.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Env, type Seen, see } from './environment-run.ts';
import { GROUPS, type Group } from './variable-groups.ts';
import { ANY_TEXT, UNSUPPORTED, WRONG, WRONG_ADDRESSES } from './wrong-values.ts';

const VARIABLES = GROUPS.flatMap(({ variables }) => Object.keys(variables));
const setTo = (value: (name: string) => string, names: readonly string[]): Env =>
  Object.fromEntries(names.map((name) => [name, value(name)]));
/** The lines about a variable, not those that name it as what is used instead. */
const linesWith = (stderr: string, name: string) =>
  stderr.split('\n').filter((line) => new RegExp(`: ${name}(: |; |, member )`).test(line));

describe.each(GROUPS)('$title', (group) => {
  const { variables } = group;
  const odd = Object.entries(variables).filter(([, each]) => each.odd !== undefined);
  let legal: Seen;
  beforeAll(async () => {
    legal = await see(withValues(group, ({ value }) => value));
  });

  test.each(Object.entries(variables))('%s: a legal value is honoured', (name, { shows }) => {
    shows(legal);
    expect(linesWith(legal.stderr, name).filter((line) => line.includes('SIETCH002') && !line.includes('deprecated'))).toEqual([]);
  });

  if (odd.length === 0) return;
  describe('in another case', () => {
    let seen: Seen;
    beforeAll(async () => {
      seen = await see(withValues(group, (each) => each.odd ?? each.value));
    });
    test.each(odd)('%s: case does not matter', (name, { shows }) => {
      shows(seen);
      expect(linesWith(seen.stderr, name)).toEqual([]);
    });
  });
});

function withValues({ env = {}, variables, ...options }: Group, value: (variable: Group['variables'][string]) => string) {
  const values = Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, value(variable)]));
  return { ...options, env: { ...env, ...values } };
}

describe('wrong values', () => {
  let all: Seen;
  const ofAddresses: Seen[] = [];
  beforeAll(async () => {
    all = await see({ env: { ...Object.fromEntries(Object.entries(WRONG).map(([name, [value]]) => [name, value])), ...UNSUPPORTED } });
    // The general form is looked at where there is no other.
    const isGeneral = (name: string) => /_OTLP_(?!TRACES|METRICS|LOGS)/.test(name);
    for (const general of [true, false]) {
      const some = Object.entries(WRONG_ADDRESSES).filter(([name]) => isGeneral(name) === general);
      const env = Object.fromEntries(some.map(([name, [value]]) => [name, value]));
      ofAddresses.push(await see({ env: { OTEL_TRACES_EXPORTER: 'otlp,zipkin', SIETCH_OTEL_SHUTDOWN_MS: '0', ...env } }));
    }
  });

  test.each(Object.entries(WRONG))('%s: a wrong value is one line', (name, [, line]) => {
    expect(linesWith(all.stderr, name)).toEqual([expect.stringMatching(line)]);
  });

  test.each(Object.entries(WRONG_ADDRESSES))('%s: a wrong address is one line', (name, [, line]) => {
    expect(ofAddresses.flatMap(({ stderr }) => linesWith(stderr, name))).toEqual([expect.stringMatching(line)]);
  });

  test.each(Object.keys(UNSUPPORTED))('%s does nothing here, and one line says why', (name) => {
    expect(linesWith(all.stderr, name)).toEqual([expect.stringMatching(/ SIETCH275 .*: \S.* Remedy: /)]);
  });

  test('the app runs, and what was wrong is as if it were not set', async () => {
    const unset = await see({ env: {} });
    expect(shapeOf(all)).toEqual(shapeOf(unset));
  });
});

describe('empty values', () => {
  let empty: Seen;
  beforeAll(async () => {
    // Without these two nothing could be seen of the others.
    const names = [...VARIABLES, ...Object.keys(UNSUPPORTED)].filter(
      (name) => !/OTLP_ENDPOINT|_LOGS_EXPORTER|_METRICS_EXPORTER/.test(name),
    );
    empty = await see({ env: setTo(() => ' ', names) });
  });

  test.each(VARIABLES)('%s: an empty value is no wrong one', (name) => {
    expect(linesWith(empty.stderr, name)).toEqual([]);
  });

  test('all of them empty is as none of them set', async () => {
    expect(shapeOf(empty)).toEqual(shapeOf(await see({ env: {} })));
  });

  test('the empty endpoint, exporters and port: the defaults of the start-up line', async () => {
    const names = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_TRACES_EXPORTER', 'OTEL_METRICS_EXPORTER', 'OTEL_LOGS_EXPORTER'];
    const { stderr } = await see({ env: { ...setTo(() => '', names), SIETCH_OTEL_SHUTDOWN_MS: '0' } });
    expect(stderr).toMatch(/traces to otlp http:\/\/localhost:4318, metrics to \S+, logs to off;/);
  });
});

/** What of a run depends on settings and on nothing else. */
function shapeOf({ store, requests, stdout }: Seen) {
  return {
    stdout,
    requests: requests
      .map(({ signal, path, headers, items }) => [signal, path, headers['content-type'], headers['content-encoding'], items])
      .sort(),
    spans: store.spans.map(({ name, attributes, events, links }) => [name, attributes, events.map((each) => each.attributes), links]),
    logs: store.logs.map(({ attributes }) => attributes),
    metrics: store.metrics.map(({ name, temporality }) => [name, temporality]).sort(),
  };
}

test('every variable of the specification is here', () => {
  expect([...VARIABLES, ...Object.keys(UNSUPPORTED)].sort()).toEqual([...SPECIFIED].sort());
  const free = [...Object.keys(WRONG), ...Object.keys(WRONG_ADDRESSES), ...ANY_TEXT];
  expect([...free].sort()).toEqual([...VARIABLES].sort());
});

const OTLP = ['ENDPOINT', 'INSECURE', 'CERTIFICATE', 'CLIENT_KEY', 'CLIENT_CERTIFICATE', 'HEADERS', 'COMPRESSION', 'TIMEOUT', 'PROTOCOL'];
const BATCH = ['SCHEDULE_DELAY', 'EXPORT_TIMEOUT', 'MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE'];
/** The names in both pages of the specification, and the two obsolete ones that the second one has. */
const SPECIFIED = [
  ...[
    'SDK_DISABLED',
    'ENTITIES',
    'RESOURCE_ATTRIBUTES',
    'SERVICE_NAME',
    'LOG_LEVEL',
    'PROPAGATORS',
    'TRACES_SAMPLER',
    'TRACES_SAMPLER_ARG',
  ],
  ...BATCH.flatMap((what) => [`BSP_${what}`, `BLRP_${what}`]),
  ...['', 'SPAN_', 'LOGRECORD_'].flatMap((kind) => [`${kind}ATTRIBUTE_VALUE_LENGTH_LIMIT`, `${kind}ATTRIBUTE_COUNT_LIMIT`]),
  ...['SPAN_EVENT', 'SPAN_LINK', 'EVENT_ATTRIBUTE', 'LINK_ATTRIBUTE'].map((what) => `${what}_COUNT_LIMIT`),
  ...['', 'TRACES_', 'METRICS_', 'LOGS_'].flatMap((signal) => OTLP.map((what) => `EXPORTER_OTLP_${signal}${what}`)),
  ...['EXPORTER_OTLP_SPAN_INSECURE', 'EXPORTER_OTLP_METRIC_INSECURE'],
  ...[
    'EXPORTER_ZIPKIN_ENDPOINT',
    'EXPORTER_ZIPKIN_TIMEOUT',
    'EXPORTER_ZIPKIN_PROTOCOL',
    'EXPORTER_PROMETHEUS_HOST',
    'EXPORTER_PROMETHEUS_PORT',
  ],
  ...['TRACES_EXPORTER', 'METRICS_EXPORTER', 'LOGS_EXPORTER', 'METRICS_EXEMPLAR_FILTER', 'METRIC_EXPORT_INTERVAL', 'METRIC_EXPORT_TIMEOUT'],
  ...['EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION'],
  ...['CONFIG_FILE', 'EXPERIMENTAL_CONFIG_FILE'],
].map((name) => `OTEL_${name}`);
