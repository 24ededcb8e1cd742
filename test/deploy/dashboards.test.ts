// The dashboards are those that the TypeScript makes, from declared names only (series.ts throws for others), and every query parses.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { dashboardFile, dashboardJson, dashboards } from '../../deploy/grafana/dashboards.ts';
import { promtool } from '../support/promtool.ts';
import { needsPrometheus } from '../support/requirements.ts';
import { panelQueries } from './panels.ts';

const prometheus = await needsPrometheus();

describe('the dashboards', () => {
  it.each(Object.entries(dashboards()))('%s.json is current: npm run dashboards', (name, builder) => {
    expect(readFileSync(dashboardFile(name), 'utf8')).toBe(dashboardJson(builder));
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
