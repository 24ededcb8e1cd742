// npm run screenshot: runs the demo, opens one of its traces in the viewer, and writes what is seen to docs/images/viewer.png.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Span } from '../src/view/telemetry.js';
import { startShownViewer } from '../test/view/page/shown-viewer.ts';

const ROOT = join(import.meta.dirname, '..');
const TARGET = join(ROOT, 'docs/images/viewer.png');
const SIZE = { width: 1280, height: 720 };

async function main(): Promise<void> {
  const viewer = await startShownViewer();
  try {
    await runDemo(viewer.url);
    const slow = viewer.receiver.store.spans.filter(({ events }) => events.some(({ name }) => name === 'sietch.pg.slow_query'));
    const [shown] = slow.filter(({ name }) => name.includes('SELECT')).sort((one, other) => durationOf(other) - durationOf(one));
    if (shown === undefined) throw new Error('the demo has sent no slow query');
    const page = await viewer.open(`/traces/${shown.traceId}?span=${shown.spanId}`, { viewport: SIZE });
    await page.getByRole('treeitem', { selected: true }).waitFor();
    // No row looks focused.
    await page.evaluate('document.activeElement?.blur()');
    await page.screenshot({ path: TARGET });
    console.log(`written: ${TARGET}`);
  } finally {
    await viewer.close();
  }
}

function durationOf({ startTimeUnixNano, endTimeUnixNano }: Span): number {
  return Number(endTimeUnixNano - startTimeUnixNano);
}

/** @throws {Error} when it does not end well. */
async function runDemo(collector: string): Promise<void> {
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_LOGS_EXPORTER: 'otlp' };
  const demo = spawn('npx', ['tsx', 'examples/webhook-service/demo.ts'], { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(demo, 'exit');
  if (code !== 0) throw new Error(`the demo ended with ${code}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
