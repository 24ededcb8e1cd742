// The public API, every exported name with its type, is a text file that a reviewer reads. A change shows here first; `vitest -u` writes it anew.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './support/checkout.ts';

const DOORS = {
  '@sietch/otel': 'index',
  './queue': 'webhooks/library',
  './circuit': 'breaker/library',
  './logging': 'logging/library',
  './bundler': 'bundler',
};

/** The declarations that a door exports, in the order of their names, without comments. */
function exportsOf(door: string): string {
  const file = join(ROOT, 'dist', `${door}.d.ts`);
  const found = new Map<string, string>();
  for (const [, names = '', from = ''] of readFileSync(file, 'utf8').matchAll(/^export (?:type )?\{([^}]*)\} from '([^']+)'/gm)) {
    const declarations = statementsOf(join(dirname(file), from.replace(/\.js$/, '.d.ts')));
    for (const name of names
      .split(',')
      .map((each) => each.replace(/^\s*type /, '').trim())
      .filter(Boolean)) {
      found.set(name, declarations.get(name) ?? `not declared in ${from}`);
    }
  }
  return [...found.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join('\n');
}

/** The top-level statements of a declaration file, by the name that each declares. tsc writes them from the first column on. */
function statementsOf(file: string): Map<string, string> {
  const text = readFileSync(file, 'utf8').replaceAll(/[ \t]*\/\*\*[\s\S]*?\*\/\n?/g, '');
  const statements = new Map<string, string>();
  for (const statement of text.split(/\n(?=\S)(?!\})/)) {
    const [, name] = /^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)/.exec(statement) ?? [];
    if (name !== undefined)
      statements.set(name, [statements.get(name), statement.replaceAll(/^\s*\n/gm, '').trim()].filter(Boolean).join('\n'));
  }
  return statements;
}

test('the public API is the reviewed one', async () => {
  const text = Object.entries(DOORS).map(([name, door]) => `# ${name}\n\n${exportsOf(door)}\n`);
  expect(text.join('\n')).not.toContain('not declared');
  await expect(text.join('\n')).toMatchFileSnapshot('public-api.txt');
});
