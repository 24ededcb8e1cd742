// npm run dashboards: writes deploy/grafana/dashboards/*.json. test/deploy/dashboards.test.ts checks that they are current and that every query parses.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { circuitDashboard } from './circuit-dashboard.ts';
import { databaseDashboard } from './database-dashboard.ts';
import { overviewDashboard } from './overview-dashboard.ts';
import { processDashboard } from './process-dashboard.ts';
import { queueDashboard } from './queue-dashboard.ts';
import { requestDashboard } from './request-dashboard.ts';
import { telemetryDashboard } from './telemetry-dashboard.ts';

export function dashboards(): Readonly<Record<string, DashboardBuilder>> {
  return {
    overview: overviewDashboard(),
    requests: requestDashboard(),
    'webhook-queue': queueDashboard(),
    databases: databaseDashboard(),
    'circuit-breakers': circuitDashboard(),
    processes: processDashboard(),
    telemetry: telemetryDashboard(),
  };
}

/** What a dashboard's file holds. */
export function dashboardJson(builder: DashboardBuilder): string {
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

export function dashboardFile(name: string): string {
  return fileURLToPath(new URL(`dashboards/${name}.json`, import.meta.url));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, builder] of Object.entries(dashboards())) writeFileSync(dashboardFile(name), dashboardJson(builder));
}
