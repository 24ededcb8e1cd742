import { describe, expect, it } from 'vitest';
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

  it('names none when none is near, and never a value', () => {
    expect(unknownNames({ SIETCH_OTEL_SOMETHING_QUITE_DIFFERENT: 'secret' }, known)).toEqual([
      'SIETCH_OTEL_SOMETHING_QUITE_DIFFERENT: unknown variable, ignored',
    ]);
  });
});
