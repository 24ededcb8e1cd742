// Draws the dashboards from a running Prometheus, to be looked at where no Grafana is: each as a PNG of 1920 pixels, by Chromium.
// Usage: npx tsx test/deploy/pictures/main.ts PROMETHEUS_URL FOLDER [minutes, default 30]
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type DashboardJson, dashboardsAsJson, panelsOf } from './dashboard-json.ts';
import { exemplars, panelData, type Range } from './panel-data.ts';
import { drawPanel, text } from './panel-picture.ts';

const run = promisify(execFile);
const WIDTH = 1920;
const MARGIN = 8;
/** Pixels of a column, and of a row of Grafana's grid with its gap. */
const COLUMN = (WIDTH - MARGIN) / 24;
const ROW = 38;
const HEAD = 56;

async function main(): Promise<void> {
  const [url = 'http://127.0.0.1:9090', folder = 'pictures', minutes = '30'] = process.argv.slice(2);
  const to = Math.floor(Date.now() / 1000);
  mkdirSync(folder, { recursive: true });
  for (const [name, dashboard] of dashboardsAsJson()) {
    await photograph(join(folder, `${name}.png`), await draw(dashboard, { url, from: to - Number(minutes) * 60, to }));
    console.log(join(folder, `${name}.png`));
  }
}

async function draw(dashboard: DashboardJson, range: Range): Promise<{ svg: string; height: number }> {
  const parts = [text(MARGIN + 4, 36, dashboard.title, { size: 20, weight: 600 })];
  let height = HEAD;
  for (const panel of panelsOf(dashboard)) {
    const { x, y, w, h } = panel.gridPos;
    const box = { x: MARGIN + x * COLUMN, y: HEAD + y * ROW, width: w * COLUMN - MARGIN, height: h * ROW - 8 };
    height = Math.max(height, box.y + box.height + MARGIN);
    if (panel.type === 'row') {
      parts.push(text(box.x + 4, box.y + 22, `▾ ${panel.title}`, { weight: 600 }));
      continue;
    }
    const targets = panel.targets ?? [];
    const dots = await Promise.all(targets.filter(({ exemplar }) => exemplar).map((target) => exemplars(target, range)));
    parts.push(drawPanel({ panel, series: await panelData(targets, range), exemplars: dots.flat(), ...range }, box));
  }
  return { svg: parts.join(''), height };
}

async function photograph(file: string, { svg, height }: { svg: string; height: number }): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), 'sietch-otel-picture-'));
  const page = join(own, 'page.html');
  writeFileSync(
    page,
    `<!doctype html><meta charset="utf-8"><body style="margin:0;background:#111217"><svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="Inter, Helvetica, Arial, sans-serif">${svg}</svg>`,
  );
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', `--user-data-dir=${join(own, 'profile')}`];
  try {
    await run('chromium', [...flags, `--window-size=${WIDTH},${Math.ceil(height)}`, `--screenshot=${file}`, `file://${page}`]);
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
