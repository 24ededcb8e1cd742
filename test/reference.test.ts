// README.md and docs/reference/: what is made from source is current, and the README keeps its size.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRows } from '../scripts/compliance/compliance-page.ts';
import { referencePages } from '../scripts/reference.ts';
import { ROOT } from './support/checkout.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

test.for(Object.entries(referencePages()))('%s is current: npm run docs', ([path, text]) => {
  expect(read(path)).toBe(text);
});

test('every test that the compliance page names is there', () => {
  expect(readRows(ROOT).flatMap(({ because }) => (because.startsWith('there is no test') ? because : []))).toEqual([]);
});

test('the README shows the two commands before its first section', () => {
  const readme = read('README.md');
  const firstScreen = readme.slice(0, readme.indexOf('\n## '));
  expect(firstScreen).toContain('npm ci && npm run demo');
  expect(firstScreen).toContain('npm ci && npm test');
});

test('the README has at most 10 kB', () => {
  expect(Buffer.byteLength(read('README.md'))).toBeLessThanOrEqual(10_240);
});
