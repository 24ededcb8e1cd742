// Causes that lie in how an app is bundled.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../support/checkout.ts';
import { WORK } from './doctor-run.ts';
import type { Bench, Case, Fault } from './fault.ts';

const MODULES = join(ROOT, 'node_modules');
const LIBRARIES = ['pino', 'pg', 'ioredis'];

interface Bundling {
  readonly external?: readonly string[];
  readonly minify?: boolean;
  readonly withPlugin?: boolean;
  /** Of the app, beside its program. */
  readonly files?: Readonly<Record<string, string>>;
}

async function bundle(
  bench: Bench,
  text: string,
  { external = [], minify = false, withPlugin = false, files = {} }: Bundling,
): Promise<Case> {
  const { sietchOtel }: typeof import('../../src/bundler.js') = createRequire(import.meta.url)(join(ROOT, 'dist/bundler.js'));
  const [, app = ''] = bench.app(`${text}${WORK}`, files);
  const outfile = join(app, '../bundle.cjs');
  // pg asks for it only where it is used.
  const left = ['pg-native', join(MODULES, '@opentelemetry/api'), ...external];
  const plugins = withPlugin ? [sietchOtel.esbuild()] : [];
  await build({ entryPoints: [app], outfile, bundle: true, platform: 'node', nodePaths: [MODULES], external: left, minify, plugins });
  return { env: { NODE_PATH: MODULES }, command: ['node', outfile] };
}

const withLibraries = (bench: Bench, bundling: Bundling): Promise<Case> =>
  bundle(bench, LIBRARIES.map((name) => `require('${name}');`).join(''), bundling);

/** pino as ES modules, with its function in a variable of this kind. */
const withEsPino = (bench: Bench, kind: 'const' | 'let'): Promise<Case> =>
  bundle(bench, "require('pino').pino();", {
    withPlugin: true,
    files: {
      'node_modules/pino/package.json': '{ "name": "pino", "version": "10.4.0", "type": "module" }',
      'node_modules/pino/index.js': `${kind} pino = () => ({});\npino.symbols = { mixinSym: Symbol() };\nexport { pino, pino as default };\n`,
    },
  });

export const bundleFaults: readonly Fault[] = [
  {
    code: 'SIETCH131',
    detail: /bundle\.cjs looks made by esbuild, with ioredis, pg, pino inside/,
    broken: (bench) => withLibraries(bench, {}),
    mended: (bench) => withLibraries(bench, { external: LIBRARIES }),
  },
  {
    // Minified, it says nothing of its maker.
    code: 'SIETCH131',
    detail: /bundle\.cjs looks like a bundle, with ioredis, pg, pino inside/,
    broken: (bench) => withLibraries(bench, { minify: true }),
    mended: (bench) => withLibraries(bench, { minify: true, withPlugin: true }),
  },
  {
    code: 'SIETCH197',
    detail: /^pino: default, pino$/,
    broken: (bench) => withEsPino(bench, 'const'),
    mended: (bench) => withEsPino(bench, 'let'),
  },
];
