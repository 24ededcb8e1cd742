// An instrumentation that the app has installed beside the bundle and names, for a library inside of the bundle: the same spans as outside of it.
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';

const PACKAGES = { dataloader: '2.2.3', '@opentelemetry/instrumentation-dataloader': '0.41.0' };
const APP = `
const DataLoader = require('dataloader');
const { trace } = require('@opentelemetry/api');
trace.getTracer('app').startActiveSpan('work', async (span) => {
  await new DataLoader(async (keys) => keys).load(1);
  span.end();
});
`;

// work
// └─ dataloader.load
//    └─ dataloader.batch
const span = (name: string, kind: SpanNode['kind'], ...children: SpanNode[]): SpanNode => ({ name, kind, status: 'UNSET', children });
const expected = [span('work', 'INTERNAL', span('dataloader.load', 'CLIENT', span('dataloader.batch', 'INTERNAL')))];

test('@opentelemetry/instrumentation-dataloader', { timeout: INSTALLING_MS }, async () => {
  const modules = await installedPackages(join(cacheDirectory('bundlers'), 'dataloader-2.2.3-0.41.0'), PACKAGES);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-extra-')));
  const receiver = await startReceiver();
  try {
    symlinkSync(modules, join(folder, 'node_modules'));
    writeFileSync(join(folder, 'app.cjs'), APP);
    const { sietchOtel }: typeof import('../../src/bundler.js') = createRequire(import.meta.url)(join(ROOT, 'dist/bundler.js'));
    const plugins = [sietchOtel.esbuild({ packages: ['dataloader'] })];
    const bundle = join(folder, 'bundle.cjs');
    await build({ entryPoints: [join(folder, 'app.cjs')], outfile: bundle, bundle: true, platform: 'node', minify: true, plugins });
    for (const file of ['app.cjs', 'bundle.cjs']) {
      receiver.store.clear();
      const { code, stderr } = await runApp(join(folder, file), {
        receiver,
        cwd: folder,
        env: { SIETCH_OTEL_INSTRUMENTATIONS: 'dataloader' },
      }).waitForExit();
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(spanTree(receiver.store.spans)).toEqual(expected);
    }
  } finally {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
