import { describe, expect, it } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.ts';
import { readSettings } from '../../src/config/read.ts';
import { choice, decimal, flag, integer, list, type Setting, type SettingsTable, text } from '../../src/config/setting.ts';

const table = {
  on: flag({ env: 'SIETCH_OTEL_T_ON', default: true, meaning: '' }),
  otelFlag: flag({ env: 'OTEL_T_FLAG', default: false, meaning: '' }),
  slowMs: integer({ env: 'SIETCH_OTEL_T_SLOW_MS', default: 100, max: 60_000, unit: 'ms', meaning: '' }),
  ratio: decimal({ env: 'SIETCH_OTEL_T_RATIO', default: 1, min: 0, max: 1, meaning: '' }),
  mode: choice({ env: 'SIETCH_OTEL_T_MODE', of: ['off', 'static'], default: 'static', meaning: '' }),
  names: list({ env: 'SIETCH_OTEL_T_NAMES', default: [], meaning: '' }),
  only: list({ env: 'SIETCH_OTEL_T_ONLY', of: ['a', 'b'], default: ['a'], meaning: '' }),
  hook: text({
    env: 'SIETCH_OTEL_T_HOOK',
    default: '',
    secret: true,
    meaning: '',
    expected: 'an https URL',
    accepts: (url) => url.startsWith('https://'),
  }),
} satisfies SettingsTable;

function read(env: Record<string, string>, options?: Parameters<typeof readSettings<typeof table>>[2]) {
  const problems: string[] = [];
  return { values: readSettings(table, env, options, problems), problems };
}

describe('readSettings', () => {
  it('gives the defaults for unset and for empty variables', () => {
    const defaults = { on: true, otelFlag: false, slowMs: 100, ratio: 1, mode: 'static', names: [], only: ['a'], hook: '' };
    expect(read({})).toEqual({ values: defaults, problems: [] });
    expect(read({ SIETCH_OTEL_T_ON: '', SIETCH_OTEL_T_SLOW_MS: '  ' })).toEqual({ values: defaults, problems: [] });
  });

  it.each([
    ['SIETCH_OTEL_T_ON', 'off', 'on', false],
    ['SIETCH_OTEL_T_ON', 'FALSE', 'on', false],
    ['OTEL_T_FLAG', 'True', 'otelFlag', true],
    ['SIETCH_OTEL_T_SLOW_MS', ' 250 ', 'slowMs', 250],
    ['SIETCH_OTEL_T_SLOW_MS', '0', 'slowMs', 0],
    ['SIETCH_OTEL_T_RATIO', '0.25', 'ratio', 0.25],
    ['SIETCH_OTEL_T_MODE', 'OFF', 'mode', 'off'],
    ['SIETCH_OTEL_T_NAMES', ' x , y,x,,z', 'names', ['x', 'y', 'z']],
    ['SIETCH_OTEL_T_ONLY', 'b,a', 'only', ['b', 'a']],
    ['SIETCH_OTEL_T_HOOK', 'https://h', 'hook', 'https://h'],
  ] as const)('%s=%j sets %s', (name, value, key, expected) => {
    const { values, problems } = read({ [name]: value });
    expect(problems).toEqual([]);
    expect(values[key]).toEqual(expected);
  });

  it.each([
    ['SIETCH_OTEL_T_ON', 'maybe', 'SIETCH_OTEL_T_ON: expected on or off, got "maybe"; using on'],
    ['OTEL_T_FLAG', '1', 'OTEL_T_FLAG: expected true or false, got "1"; using false'],
    ['SIETCH_OTEL_T_SLOW_MS', '1e3', 'SIETCH_OTEL_T_SLOW_MS: expected an integer from 0 to 60000, got "1e3"; using 100'],
    ['SIETCH_OTEL_T_SLOW_MS', '-1', 'SIETCH_OTEL_T_SLOW_MS: expected an integer from 0 to 60000, got "-1"; using 100'],
    ['SIETCH_OTEL_T_RATIO', '2', 'SIETCH_OTEL_T_RATIO: expected a number from 0 to 1, got "2"; using 1'],
    ['SIETCH_OTEL_T_MODE', 'full', 'SIETCH_OTEL_T_MODE: expected one of off, static, got "full"; using static'],
    ['SIETCH_OTEL_T_ONLY', 'c,d', 'SIETCH_OTEL_T_ONLY: expected a comma-separated list of a, b, got "c,d"; using a'],
    ['SIETCH_OTEL_T_HOOK', 'ftp://user:secret@h', 'SIETCH_OTEL_T_HOOK: expected an https URL, got "[REDACTED]"; using none'],
  ])('%s=%j is one problem, and the default', (name, value, problem) => {
    const { values, problems } = read({ [name]: value });
    expect(problems).toEqual([problem]);
    expect(values).toEqual(read({}).values);
  });

  it('cuts a long wrong value', () => {
    expect(read({ SIETCH_OTEL_T_MODE: 'x'.repeat(500) }).problems[0]?.length).toBeLessThan(200);
  });

  it('lets an option in code win over the variable, and checks it too', () => {
    expect(read({ SIETCH_OTEL_T_SLOW_MS: '5' }, { slowMs: 7, names: ['p', 'q'] }).values).toMatchObject({ slowMs: 7, names: ['p', 'q'] });
    expect(read({}, { slowMs: -7 }).problems).toEqual(['start() option slowMs: expected an integer from 0 to 60000, got "-7"; using 100']);
  });
});

const enumerated = Object.values(settingsTables)
  .flatMap((table) => Object.values<Setting<unknown>>(table))
  .filter(({ env, expected }) => env.startsWith('OTEL_') && /(?:one of|list of) /.test(expected))
  .map((setting) => [setting.env, setting] as const);

it.each(enumerated)('%s is an enumeration in any case', (_env, { expected, parse }) => {
  const words = expected
    .replace(/^.*(?:one of|list of) /, '')
    .split(', ')
    .filter((word) => word !== '');
  expect(words.length).toBeGreaterThan(1);
  for (const word of words) expect(parse(word.toUpperCase())).toEqual(parse(word));
});
