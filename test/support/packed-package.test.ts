import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Preload, runApp } from './app.ts';
import { type PackedApp, packApp } from './packed-package.ts';

let packed: PackedApp;
beforeAll(async () => {
  packed = await packApp(['test/app/hello.mjs']);
});
afterAll(() => packed?.remove());

test.each<Preload>(['require', 'import', 'both'])('the packed package resolves by its name: preload by %s', async (preload) => {
  // Without a metrics endpoint the start-up line need not wait for a port, which this app does not outlive.
  const env = { OTEL_METRICS_EXPORTER: 'none' };
  const app = runApp(`${packed.directory}/hello.mjs`, { cwd: packed.directory, preload, preloadFrom: '@sietch/otel', args: ['0'], env });
  const exit = await app.waitForExit();
  expect(exit).toMatchObject({ code: 0, stdout: expect.stringMatching(/^hello/) });
  // Its start-up line: started, and once.
  expect(exit.stderr.match(/^\[sietch-otel\] \d/gm)).toHaveLength(1);
});
