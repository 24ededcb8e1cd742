// The alerts: they parse, each fires and clears in a promtool test, and they speak only of series that names.ts files declare.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { series } from '../../deploy/grafana/series.ts';
import { emittedNames } from '../../src/catalog/emitted-names.ts';
import { ROOT } from '../support/checkout.ts';
import { promtool } from '../support/promtool.ts';
import { needsPrometheus } from '../support/requirements.ts';

interface RuleFile {
  groups: { rules: { alert: string; expr: string; annotations: { runbook: string } }[] }[];
}

const FOLDER = join(ROOT, 'deploy', 'prometheus');
const files = readdirSync(FOLDER);
const ruleFiles = files.filter((file) => file.endsWith('.rules.yml'));
const rulesOf = (file: string) => {
  const { groups }: RuleFile = parse(readFileSync(join(FOLDER, file), 'utf8'));
  return groups.flatMap((group) => group.rules);
};

const prometheus = await needsPrometheus();

describe('the alerts', () => {
  it('parse without a warning', prometheus, async () => {
    expect(await promtool(['check', 'rules', '--lint=all', ...ruleFiles.map((file) => join(FOLDER, file))])).toMatchObject({ code: 0 });
  });

  it.each(ruleFiles)('%s: each alert fires and clears', prometheus, async (file) => {
    const test = file.replace('.rules.yml', '.rules.test.yml');
    const text = readFileSync(join(FOLDER, test), 'utf8');
    for (const { alert } of rulesOf(file)) expect(text, `${test} tests ${alert}`).toContain(alert);
    expect(await promtool(['test', 'rules', join(FOLDER, test)])).toMatchObject({ code: 0 });
  });

  it('name only declared series', () => {
    const declared = Object.values(emittedNames)
      .flat()
      .flatMap((name) => (name.type === 'metric' && !name.name.includes('{') ? [series(name.name)] : []));
    for (const file of ruleFiles) {
      for (const { alert, expr } of rulesOf(file)) {
        const used = expr.match(/\b(?:sietch|db|http|messaging|nodejs|process|v8js)_[a-z0-9_]+(?=[{[ )]|$)/g) ?? [];
        const metrics = used.filter((word) => !new RegExp(`by \\([^)]*\\b${word}\\b`).test(expr));
        expect(metrics.length, alert).toBeGreaterThan(0);
        for (const metric of metrics) expect(declared, `${alert}: ${metric}`).toContain(metric.replace(/_(bucket|count|sum)$/, ''));
      }
    }
  });

  it('have a section in the runbook each', () => {
    const runbook = readFileSync(join(ROOT, 'docs', 'runbook.md'), 'utf8');
    for (const { alert, annotations } of ruleFiles.flatMap(rulesOf)) {
      expect(runbook, alert).toContain(`## ${alert}\n`);
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    }
  });
});
