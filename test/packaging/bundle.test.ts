// The bundle, not only the sources: what takes the place of the SDK's parts does so in dist/bundle.js too, where names of files and classes are others.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

test('our tracer and our metric storages are live in the bundle', async () => {
  const { stdout } = await runApp('test/app/bundle-parts.cjs', { env: { OTEL_TRACES_EXPORTER: 'console' } }).waitForExit();
  expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
    tracer: 'RecordingTracer',
    // esbuild's name for a class that names itself.
    span: '_RecordedSpan',
    counter: 'SumStorage',
    histogram: 'HistogramStorage',
  });
});

test('the SBOM names what the notice names', () => {
  const sbom: { bomFormat: string; components: { purl: string }[] } = JSON.parse(readFileSync(join(ROOT, 'dist/sbom.cdx.json'), 'utf8'));
  expect(sbom.bomFormat).toBe('CycloneDX');
  const notice = readFileSync(join(ROOT, 'dist/NOTICE.txt'), 'utf8');
  expect(sbom.components.length).toBeGreaterThan(20);
  for (const { purl } of sbom.components) {
    const [, name = '', version = ''] = /^pkg:npm\/(.+)@([^@]+)$/.exec(purl) ?? [];
    expect(notice).toContain(`${decodeURIComponent(name)} ${version} (`);
  }
});
