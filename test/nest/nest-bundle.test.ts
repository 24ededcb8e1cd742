// The NestJS application as `nest build --webpack` bundles it, with all that it imports inside: the same trace and log lines as outside of a bundle.
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, test } from 'vitest';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { startReceiver } from '../support/otlp.ts';
import { expectWebhook, NEST_PACKAGES } from './webhook-request.ts';

const run = promisify(execFile);
const PACKAGES = { ...NEST_PACKAGES, '@nestjs/cli': '11.0.13', '@types/node': '20.19.43', 'ts-loader': '9.5.4', typescript: '5.9.3' };

const [, CONFIG = ''] =
  /^```js run by test\/nest\/nest-bundle\.test\.ts\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, 'docs/bundlers.md'), 'utf8')) ?? [];
const FILES = {
  'package.json': '{ "name": "shop" }',
  'nest-cli.json': '{ "sourceRoot": "src" }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: { module: 'commonjs', target: 'es2022', allowJs: true, outDir: 'dist', types: ['node'] },
  }),
  'webpack.config.js': CONFIG.replace('@sietch/otel/bundler', join(ROOT, 'dist/bundler.js')),
  'src/main.ts': "import './nest-service.cjs';\n",
};

let folder: string;
beforeAll(async () => {
  const modules = await installedPackages(join(cacheDirectory('nest'), '11.2.10-cli-11.0.13-ts-loader-9.5.4'), PACKAGES);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-nest-')));
  mkdirSync(join(folder, 'app/src'), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, 'app', name), text);
  copyFileSync(join(ROOT, 'test/app/nest-service.cjs'), join(folder, 'app/src/nest-service.cjs'));
  symlinkSync(modules, join(folder, 'app/node_modules'));
  await run(process.execPath, [join(modules, '@nestjs/cli/bin/nest.js'), 'build', '--webpack'], { cwd: join(folder, 'app') });
  // Away from the libraries.
  copyFileSync(join(folder, 'app/dist/main.js'), join(folder, 'main.js'));
}, INSTALLING_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['20', '24'] as const)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const receiver = await startReceiver();
  try {
    await expectWebhook(join(folder, 'main.js'), await nodeBinary(major), receiver);
  } finally {
    await receiver.close();
  }
});
