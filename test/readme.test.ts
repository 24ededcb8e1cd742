import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { README, withReference } from '../scripts/reference.ts';
import { emittedNames } from '../src/catalog/emitted-names.ts';
import { settingsTables } from '../src/catalog/settings-tables.ts';

const readme = readFileSync(README, 'utf8');

describe('README.md', () => {
  it('has current tables: npm run docs', () => {
    expect(withReference(readme)).toBe(readme);
  });

  it('shows the two commands before its first section', () => {
    const firstScreen = readme.slice(0, readme.indexOf('\n## '));
    expect(firstScreen).toContain('npm ci && npm run demo');
    expect(firstScreen).toContain('npm ci && npm test');
  });

  it('names every variable and every emitted name', () => {
    for (const { env } of Object.values(settingsTables).flatMap((table) => Object.values(table))) expect(readme).toContain(`\`${env}\``);
    for (const { name } of Object.values(emittedNames).flat()) expect(readme).toContain(`\`${name}\``);
  });
});
