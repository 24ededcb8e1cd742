// Rows about the resource of a process that says nothing of itself.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterAll, expect, test } from 'vitest';
import { createResource } from '../../src/sdk/resource/resource.js';
import { SCHEMA_URL } from '../../src/sdk/version.js';
import { runApp } from '../support/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-resource-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('Default value for service.name', async () => {
  const app = join(folder, 'app.cjs');
  writeFileSync(app, 'process.disconnect?.()');
  const { stderr } = await runApp(app, { cwd: folder }).waitForExit();
  expect(stderr).toMatch(/service "unknown_service:node"/);
});

test('Resource detectors populate Schema URL', () => {
  const { attributes, schemaUrl } = createResource({ name: 'shop', version: undefined }, ['all'], resourceFromAttributes({}));
  expect(attributes).toMatchObject({ 'process.pid': process.pid, 'host.name': expect.any(String) });
  expect(schemaUrl).toBe(SCHEMA_URL);
});
