// An instrumentation that the app has installed beside the bundle and names, for a library inside of the bundle that only the plugin's `packages` names: the
// same spans as outside of it.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { sietchOtel } from './plugin.ts';

const FILES = {
  'node_modules/acme/package.json': '{ "name": "acme", "version": "1.2.3", "main": "lib/index.js" }',
  'node_modules/acme/lib/index.js': "exports.pay = () => require('./bank').transfer();",
  'node_modules/acme/lib/bank.js': '// No ES module; import those from elsewhere.\nexports.transfer = () => 7;',
  'node_modules/@acme/instrumentation/package.json': '{ "name": "@acme/instrumentation", "version": "1.0.0" }',
  'node_modules/@acme/instrumentation/index.js': `
const { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } = require('@opentelemetry/instrumentation');
exports.AcmeInstrumentation = class AcmeInstrumentation extends InstrumentationBase {
  constructor() {
    super('@acme/instrumentation', '1.0.0', {});
  }
  init() {
    const patch = (name) => (exports) => {
      this._wrap(exports, name, (original) => () =>
        this.tracer.startActiveSpan(name, (span) => {
          const result = original();
          span.end();
          return result;
        }),
      );
      return exports;
    };
    const file = new InstrumentationNodeModuleFile('acme/lib/bank.js', ['1.x'], patch('transfer'), () => {});
    return new InstrumentationNodeModuleDefinition('acme', ['1.x'], patch('pay'), () => {}, [file]);
  }
};
`,
  'app.cjs': "if (require('acme').pay() !== 7) throw new Error('not paid');",
};

// pay
// └─ transfer
const span = (name: string, ...children: SpanNode[]): SpanNode => ({ name, kind: 'INTERNAL', status: 'UNSET', children });
const expected = [span('pay', span('transfer'))];

test('an instrumentation of the main file and of an inner one', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-extra-')));
  const receiver = await startReceiver();
  try {
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(folder, 'node_modules/@opentelemetry'));
    const plugins = [sietchOtel.esbuild({ packages: ['acme'] })];
    // In a folder of its own, where the library is not.
    const bundle = join(folder, 'dist/bundle.cjs');
    const entryPoints = [join(folder, 'app.cjs')];
    const { metafile } = await build({
      entryPoints,
      outfile: bundle,
      bundle: true,
      platform: 'node',
      minify: true,
      plugins,
      metafile: true,
    });
    expect(Object.values(metafile.inputs).map(({ format }) => format)).toEqual(['cjs', 'cjs', 'cjs']);
    cpSync(join(folder, 'node_modules/@acme'), join(folder, 'dist/node_modules/@acme'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules/@opentelemetry'), join(folder, 'dist/node_modules/@opentelemetry'));
    for (const file of ['app.cjs', 'dist/bundle.cjs']) {
      receiver.store.clear();
      const { code, stderr } = await runApp(join(folder, file), {
        receiver,
        cwd: dirname(join(folder, file)),
        env: { SIETCH_OTEL_INSTRUMENTATIONS: '@acme/instrumentation' },
      }).waitForExit();
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(spanTree(receiver.store.spans)).toEqual(expected);
    }
  } finally {
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
