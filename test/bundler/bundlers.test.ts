// The example service as a bundle of each bundler, minified, with a source map, in a folder without node_modules: the same spans, metrics and log fields
// as from its own files.
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../support/checkout.ts';
import { type NodeMajor, nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { BUNDLERS, bundle, type Format, installedBundlers } from './bundlers.ts';
import { runWebhook, type Seen } from './webhook-run.ts';

const NODES: readonly NodeMajor[] = process.env['SIETCH_OTEL_TEST_ALL_NODES'] === '1' ? ['20', '22', '24', '26'] : ['20', '24'];
const EXTENSIONS: Readonly<Record<Format, string>> = { cjs: 'cjs', esm: 'mjs' };
const BARE_FIELDS = {
  'webhook received': ['level', 'time', 'pid', 'hostname', 'event', 'type', 'msg'],
  'webhook processed': ['level', 'time', 'pid', 'hostname', 'event', 'subscription', 'msg'],
};

let folder: string;
const unbundled = new Map<Format, Seen>();

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-bundles-')));
  await installedBundlers();
  for (const format of ['cjs', 'esm'] as const) unbundled.set(format, await runWebhook(entryOf(format), await nodeBinary('20')));
}, INSTALLING_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function entryOf(format: Format): string {
  return join(ROOT, `test/app/bundled-service.${EXTENSIONS[format]}`);
}

test('unbundled it is whole', () => {
  for (const seen of unbundled.values()) {
    const names = seen.attributes.map((text) => text.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(['POST', 'send', 'process', 'circuit', 'get', 'GET', 'UPDATE']));
    expect(seen).toMatchObject({ problems: [], logFields: { 'webhook processed': expect.arrayContaining(['trace_id: of the webhook']) } });
  }
});

test('without the plugin nothing in the bundle is seen', async () => {
  const outfile = join(folder, 'unseen.cjs');
  await bundle('esbuild', { entry: entryOf('cjs'), format: 'cjs', outfile, plugin: false });
  const { spans, logFields } = await runWebhook(outfile, process.execPath, 'POST');
  expect({ spans, logFields }).toEqual({ spans: [expect.objectContaining({ name: 'POST', children: [] })], logFields: BARE_FIELDS });
});

describe.each(BUNDLERS)('%s', (bundler) => {
  describe.each(['cjs', 'esm'] as const)('%s', (format) => {
    let outfile: string;
    beforeAll(async () => {
      outfile = join(folder, `${bundler}-${format}.${EXTENSIONS[format]}`);
      await bundle(bundler, { entry: entryOf(format), format, outfile });
    }, INSTALLING_MS);

    test('without the preload it runs as it does unbundled', async () => {
      const { answer, logFields } = await runWebhook(outfile, process.execPath, '', 'none');
      expect({ answer, logFields }).toEqual({ answer: unbundled.get(format)?.answer, logFields: BARE_FIELDS });
    });

    test.each(NODES)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
      expect(await runWebhook(outfile, await nodeBinary(major))).toEqual(unbundled.get(format));
      expect(existsSync(`${outfile}.map`)).toBe(true);
    });
  });
});
