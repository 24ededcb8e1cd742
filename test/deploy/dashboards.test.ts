// The dashboards are those that the TypeScript makes, from declared names only (series.ts throws for others), and every query parses.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { alertRules, alertThreshold } from '../../deploy/grafana/alert-threshold.ts';
import { dashboardFile, dashboardJson, dashboards } from '../../deploy/grafana/dashboards.ts';
import { ROOT } from '../support/checkout.ts';
import { promtool } from '../support/promtool.ts';
import { needsPrometheus } from '../support/requirements.ts';
import { panelQueries } from './panels.ts';
import { dashboardsAsJson, panelsOf } from './pictures/dashboard-json.ts';

const prometheus = await needsPrometheus();
/** Rows of Grafana's grid that 1920 × 1080 shows without scrolling. */
const SCREEN = 22;
const panels = [...dashboardsAsJson()].flatMap(([dashboard, json]) => panelsOf(json).map((panel) => ({ dashboard, ...panel })));
const shown = panels.filter(({ type }) => type !== 'row');

describe('the dashboards', () => {
  it.each(Object.entries(dashboards()))('%s.json is current: npm run dashboards', (name, builder) => {
    expect(readFileSync(dashboardFile(name), 'utf8')).toBe(dashboardJson(builder));
  });

  it('ask a question in the title of every panel', () => {
    for (const { dashboard, title } of shown) expect(title, dashboard).toMatch(/\?$/);
  });

  it('stay within the 24 columns of the grid', () => {
    for (const { dashboard, title, gridPos } of shown) expect(gridPos.x + gridPos.w, `${dashboard}: ${title}`).toBeLessThanOrEqual(24);
  });

  it('have an overview that fits a screen', () => {
    const bottoms = shown.filter(({ dashboard }) => dashboard === 'overview').map(({ gridPos: { y, h } }) => y + h);
    expect(Math.max(...bottoms)).toBeLessThanOrEqual(SCREEN);
  });

  it('show the threshold of every alert, over the series that it looks at', () => {
    for (const { alert, expr } of alertRules()) {
      const { above } = alertThreshold(alert);
      const own = shown.filter(({ description = '' }) =>
        description.includes(`Above ${above}: ${alert}, docs/runbook.md#${alert.toLowerCase()}.`),
      );
      expect(own.length, alert).toBeGreaterThan(0);
      const names = expr.replace(/\bby \([^)]*\)/g, '').match(/\b(?:sietch|v8js|process|nodejs|http)_\w+(?=[{[ )])/g) ?? [];
      expect(names.length, alert).toBeGreaterThan(0);
      for (const { title, fieldConfig, targets = [] } of own) {
        const values = fieldConfig?.defaults.thresholds?.steps.map(({ value }) => value) ?? [];
        expect(
          values.some((value) => value !== null && value >= above && value - above < 1e-5),
          `${alert} in ${title}`,
        ).toBe(true);
        const queries = targets.map(({ expr }) => expr).join('\n');
        for (const name of names) expect(queries, `${alert} in ${title}`).toContain(name);
      }
    }
  });

  it('have every panel that the runbook names', () => {
    const runbook = readFileSync(join(ROOT, 'docs/runbook.md'), 'utf8');
    const named = [...runbook.matchAll(/\*([^*\n]+\?)\*/g)].map(([, title]) => title);
    expect(named.length).toBeGreaterThan(3);
    const titles = shown.map(({ title }) => title);
    for (const title of named) expect(titles).toContain(title);
  });

  it('has at least one query in every panel, and Prometheus can parse each', prometheus, async () => {
    const queries = panelQueries('1m');
    expect(queries.length).toBeGreaterThan(30);
    const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-panels-'));
    try {
      const file = join(folder, 'panels.yml');
      writeFileSync(
        file,
        stringify({ groups: [{ name: 'panels', rules: queries.map(({ expr }, index) => ({ record: `panel:${index}`, expr })) }] }),
      );
      expect(await promtool(['check', 'rules', file])).toMatchObject({ code: 0 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
