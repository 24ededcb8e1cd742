import { afterEach, expect, test } from 'vitest';
import { inCorrectedEnvironment } from '../../src/config/corrected-environment.js';
import { readSettings } from '../../src/config/read.js';
import { list } from '../../src/config/setting.js';
import { readResourceAttributes } from '../../src/sdk/resource/resource-attributes.js';

const LIMITS = [
  'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_SPAN_EVENT_COUNT_LIMIT',
  'OTEL_SPAN_LINK_COUNT_LIMIT',
  'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
  'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT',
  'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT',
  'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT',
  'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT',
];
const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

function corrected(name: string, value: string): { seen: string | undefined; problems: string[] } {
  process.env[name] = value;
  const problems: string[] = [];
  const seen = inCorrectedEnvironment(problems, () => process.env[name]);
  expect(process.env[name]).toBe(value);
  return { seen, problems };
}

test.each(LIMITS)('%s: a negative value, and one that is no integer, is reported and not used', (name) => {
  for (const value of ['-5', 'many', '1.5']) {
    const { seen, problems } = corrected(name, value);
    expect(seen).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(
        `^${name}: expected an integer of at least 0, got "${value}"; using (OTEL_ATTRIBUTE_\\w+, or )?(128|no limit)( without it)?$`,
      ),
    ]);
  }
  expect(corrected(name, '0')).toEqual({ seen: '0', problems: [] });
});

test.each([
  ['OTEL_TRACES_SAMPLER', 'ALWAYS_OFF'],
  ['OTEL_TRACES_SAMPLER', 'ParentBased_TraceIdRatio'],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', 'DELTA'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'GZIP'],
  ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'Gzip'],
  ['OTEL_EXPORTER_OTLP_INSECURE', 'TRUE'],
])('%s is known in any case: %s', (name, value) => {
  expect(corrected(name, value)).toEqual({ seen: value.toLowerCase(), problems: [] });
  expect(corrected(name, 'bogus')).toEqual({
    seen: undefined,
    problems: [expect.stringMatching(`^${name}: expected one of .*, got "bogus"; using `)],
  });
});

test.each(['jaeger_remote', 'ParentBased_Jaeger_Remote'])('Sampling: %s is said not to be supported, in one line', (name) => {
  expect(corrected('OTEL_TRACES_SAMPLER', name)).toEqual({
    seen: undefined,
    problems: [
      expect.stringMatching(`^OTEL_TRACES_SAMPLER: "${name}" is not supported: .*OTEL_CONFIG_FILE.*; using parentbased_always_on$`),
    ],
  });
});

test('the app finds its own values again when the work throws', () => {
  process.env['OTEL_TRACES_SAMPLER'] = 'ALWAYS_ON';
  expect(() =>
    inCorrectedEnvironment([], () => {
      throw new Error('work');
    }),
  ).toThrow('work');
  expect(process.env['OTEL_TRACES_SAMPLER']).toBe('ALWAYS_ON');
});

test('a list keeps what it knows, in any case, and names the rest in one line', () => {
  const table = { propagators: list({ env: 'P', of: ['b3', 'baggage'], default: ['baggage'], meaning: '' }) };
  const read = (value: string) => {
    const problems: string[] = [];
    return { ...readSettings(table, { P: value }, undefined, problems), problems };
  };
  expect(read('bogus,B3,b3,other')).toEqual({
    propagators: ['b3'],
    problems: ['P: expected a comma-separated list of b3, baggage, left out "bogus,other"; using b3'],
  });
  expect(read('bogus')).toEqual({
    propagators: ['baggage'],
    problems: ['P: expected a comma-separated list of b3, baggage, got "bogus"; using baggage'],
  });
});

test('resource attributes: a bad member is named and costs none of the others', () => {
  const problems: string[] = [];
  const text = '1=2,a=b=c, spaced = x%20y ,quoted="z",bad,=x,percent=100%,%zz=1,,empty=';
  const attributes = readResourceAttributes({ OTEL_RESOURCE_ATTRIBUTES: text }, problems);
  expect(Object.fromEntries(attributes)).toEqual({ '1': '2', a: 'b=c', spaced: 'x y', quoted: 'z', empty: '' });
  expect(problems).toEqual([
    'OTEL_RESOURCE_ATTRIBUTES: member 5 is no key=value; it is left out, the others are kept',
    'OTEL_RESOURCE_ATTRIBUTES: member 6 is no key=value; it is left out, the others are kept',
    'OTEL_RESOURCE_ATTRIBUTES: member 7 (percent) has a value that is not percent-encoded correctly; it is left out, the others are kept',
    'OTEL_RESOURCE_ATTRIBUTES: member 8 has a key that is not percent-encoded correctly; it is left out, the others are kept',
  ]);
});

test('SIETCH_OTEL_COMPAT is the one release whose names are still known', () => {
  expect(corrected('SIETCH_OTEL_COMPAT', '0.1')).toEqual({ seen: '0.1', problems: [] });
  expect(corrected('SIETCH_OTEL_COMPAT', '0.2').problems).toEqual([
    'SIETCH_OTEL_COMPAT: expected one of 0.1, got "0.2"; using the names of this release',
  ]);
});
