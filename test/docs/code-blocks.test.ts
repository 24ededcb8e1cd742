// The code of the pages does what it says: each block in JavaScript or TypeScript is checked by the compiler against the packed package, and run under the
// real preload with a real PostgreSQL and a real Redis.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { type PackedApp, packApp } from '../support/packed-package.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { pages, programs } from './code-blocks.ts';

const run = promisify(execFile);
const APP = readFileSync(join(ROOT, 'test/docs/app.ts'), 'utf8');
const appNames = [...APP.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map(([, name = '']) => name);
const all = pages().flatMap((page) => programs(page, appNames));
const titled = all.map((program): [string, typeof program] => [`${program.block.page}:${program.block.line}`, program]);

const RESOLUTIONS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};
const STRICT = {
  target: 'es2022',
  lib: ['es2023'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  esModuleInterop: true,
  allowImportingTsExtensions: true,
  types: ['node'],
};

/** As apps declare the variables that they cannot do without. */
const ENVIRONMENT = 'declare namespace NodeJS { interface ProcessEnv { REDIS_URL: string; DATABASE_URL: string } }';

let packed: PackedApp;
beforeAll(async () => {
  packed = await packApp();
  writeFileSync(join(packed.directory, 'package.json'), '{ "type": "module" }');
}, 120_000);
afterAll(() => packed?.remove());

/** What the compiler says of the files of a folder and of our package; what it says of other packages is theirs. */
async function check(folder: string, files: readonly string[], resolution: keyof typeof RESOLUTIONS): Promise<string[]> {
  const config = join(folder, `tsconfig.${resolution}.json`);
  writeFileSync(config, JSON.stringify({ compilerOptions: { ...STRICT, ...RESOLUTIONS[resolution] }, files }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: folder }).catch((error) => error);
  return String(stdout)
    .split('\n')
    .filter((line) => /\berror TS/.test(line) && (!line.includes('node_modules/') || line.includes('@sietch/otel/')));
}

it('there are code blocks', () => {
  expect(all.length).toBeGreaterThan(5);
});

describe.each(['node16', 'bundler'] as const)('module resolution %s', (resolution) => {
  it('every block has the right types', async () => {
    const files = all.map(({ source }, index) => {
      writeFileSync(join(packed.directory, `block-${index}.ts`), source);
      return `block-${index}.ts`;
    });
    writeFileSync(join(packed.directory, 'app.ts'), APP);
    writeFileSync(join(packed.directory, 'environment.d.ts'), ENVIRONMENT);
    const errors = await check(packed.directory, [...files, 'environment.d.ts'], resolution);
    expect(errors.map((line) => line.replace(/block-(\d+)\.ts/, (_, index) => titled[Number(index)]?.[0] ?? ''))).toEqual([]);
  }, 120_000);

  it('the declarations need no package of types but those of Node.js, and of pg for a transaction', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-types-'));
    try {
      for (const name of [
        '@types/node',
        '@types/pg',
        'pg-types',
        'pg-protocol',
        '@opentelemetry/api',
        'bullmq',
        'ioredis',
        'opossum',
        'pg',
        'pino',
      ]) {
        mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
        symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), join(folder, 'node_modules', name));
      }
      cpSync(join(packed.directory, 'node_modules/@sietch'), join(folder, 'node_modules/@sietch'), { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      const doors = ['', '/queue', '/circuit', '/logging', '/bundler', '/register'].map(
        (door) => `export * as door${door.slice(1)} from '@sietch/otel${door}';`,
      );
      writeFileSync(join(folder, 'doors.ts'), doors.join('\n'));
      expect(await check(folder, ['doors.ts'], resolution)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 120_000);
});

describe('it runs', () => {
  it.each(titled)(
    '%s',
    async (_title, { source }) => {
      const folder = mkdtempSync(join(packed.directory, 'run-'));
      const write = (name: string, text: string) =>
        writeFileSync(
          join(folder, name),
          transformSync(text, { loader: 'ts', format: 'esm', target: 'node20' }).code.replaceAll('./app.ts', './app.mjs'),
        );
      write('app.mjs', APP);
      write('block.mjs', source);
      write('run.mjs', `import './app.ts'; import './block.mjs'; import { useAndEnd } from './app.ts'; await useAndEnd();`);
      const env = { REDIS_URL: await freshRedis(), DATABASE_URL: await freshDatabase(), OTEL_EXPORTER_PROMETHEUS_PORT: '0' };
      const exit = await runApp(join(folder, 'run.mjs'), { cwd: packed.directory, preloadFrom: '@sietch/otel', env }).waitForExit();
      expect(exit, exit.stderr).toMatchObject({ code: 0 });
    },
    60_000,
  );
});
