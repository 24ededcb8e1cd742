// Rows about the resource of a process that says nothing of itself.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-resource-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('Default value for service.name', async () => {
  const app = join(folder, 'app.cjs');
  writeFileSync(app, 'process.disconnect?.()');
  const { stderr } = await runApp(app, { cwd: folder }).waitForExit();
  expect(stderr).toMatch(/service "unknown_service:node"/);
});
