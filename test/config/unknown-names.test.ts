import { describe, expect, it } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.ts';
import { unknownNames } from '../../src/config/unknown-names.ts';

const known = ['SIETCH_OTEL_BANNER', 'SIETCH_OTEL_PG_SLOW_QUERY_MS', 'OTEL_SERVICE_NAME'];

describe('unknownNames', () => {
  it('says nothing of known names, foreign names and names for tests', () => {
    expect(unknownNames({ SIETCH_OTEL_BANNER: 'off', OTEL_SERVICE_NAM: 'x', SIETCH_OTEL_TEST_ALL: '1', PATH: '/' }, known)).toEqual([]);
  });

  it('names the nearest known variable', () => {
    expect(unknownNames({ SIETCH_OTEL_PG_SLOW_MS: '5' }, known)).toEqual([
      'SIETCH_OTEL_PG_SLOW_MS: unknown variable, ignored; did you mean SIETCH_OTEL_PG_SLOW_QUERY_MS?',
    ]);
  });

  it('names, of all there are, the one that lacks or has a word', () => {
    const all = Object.values(settingsTables).flatMap((table) => Object.values(table).map(({ env }) => env));
    const meant = (name: string) => unknownNames({ [name]: '1' }, all)[0]?.split('did you mean ')[1];
    expect(meant('SIETCH_OTEL_PG_SLOW_MS')).toBe('SIETCH_OTEL_PG_SLOW_QUERY_MS?');
    expect(meant('SIETCH_OTEL_CIRCUIT_SLOW_MS')).toBe('SIETCH_OTEL_CIRCUIT_SLOW_CALL_MS?');
    expect(meant('SIETCH_OTEL_REDIS_SLOW_COMMAND_MS')).toBe('SIETCH_OTEL_REDIS_SLOW_MS?');
    expect(meant('SIETCH_OTEL_BANER')).toBe('SIETCH_OTEL_BANNER?');
  });

  it('names none when none is near, and never a value', () => {
    expect(unknownNames({ SIETCH_OTEL_SOMETHING_QUITE_DIFFERENT: 'secret' }, known)).toEqual([
      'SIETCH_OTEL_SOMETHING_QUITE_DIFFERENT: unknown variable, ignored',
    ]);
  });
});
