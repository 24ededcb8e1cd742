// Whatever is in a configuration file, reading it ends, fails in one way only, and tells no secret that the environment has put into it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { settingsTables } from '../../src/catalog/settings-tables.js';
import { parseConfiguration } from '../../src/declarative/configuration-file.js';
import { ConfigurationError } from '../../src/declarative/file-configuration.js';
import { ROOT } from '../support/checkout.ts';

const EXAMPLE = /```yaml\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs/configuration-file.md'), 'utf8'))?.[1] ?? '';
const SECRET = 's3cret-of-the-environment';
/** Every reference is to a secret. */
const WITH_SECRETS = EXAMPLE.replaceAll(/\$\{\w+(:-[^}]*)?\}/g, '${SECRET}');

/** All that is said of the file. */
function saidOf(text: string): string {
  try {
    return parseConfiguration(text, { SECRET }, settingsTables).reports.join('\n');
  } catch (error) {
    // Errors of the parser itself are named by their class alone.
    return error instanceof ConfigurationError ? error.message : '';
  }
}

/** The example with a part of it taken out or doubled, or with other text in a place. */
const damaged = fc
  .tuple(fc.nat(WITH_SECRETS.length), fc.nat(80), fc.constantFrom('cut', 'double', 'put'), fc.string({ maxLength: 12 }))
  .map(([at, length, how, text]) => {
    const piece = WITH_SECRETS.slice(at, at + length);
    const rest = WITH_SECRETS.slice(at + length);
    const middle = how === 'cut' ? '' : how === 'double' ? piece + piece : text + piece;
    return WITH_SECRETS.slice(0, at) + middle + rest;
  });

test('a damaged file', () => {
  fc.assert(
    fc.property(damaged, (text) => {
      expect(saidOf(text)).not.toContain(SECRET);
    }),
    { numRuns: 500 },
  );
});

test('any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab: -[]{}&*!|>\'"%@`#,?\n\t$~<'.split('')), maxLength: 200 }), (text) => {
      expect(saidOf(`file_format: "1.0"\n${text}`)).not.toContain(SECRET);
    }),
    { numRuns: 1000 },
  );
});
