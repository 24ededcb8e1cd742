// npm run build, second half: puts what tsc made of src, and all of OpenTelemetry that it needs, into one file. A preload that opens a thousand
// files is slow to start; one file with a V8 code cache is not. Types stay where tsc put them; each door of the package becomes a line.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');

/** The doors, and the files that run as programs or threads of their own. `register.js` and what it needs to load the bundle stay as tsc made them. */
const DOORS = ['index', 'start', 'queue/library', 'circuit/library', 'logging/library', 'cli/main'];
const KEPT = ['register.js', 'register.mjs', 'bundle-loader.js', 'bundle.js'];

/** Not in the bundle: shared with the app (the API), hooked by Node (the ESM hook), or asked for by few (loaded when they are). */
const EXTERNAL = [
  '@opentelemetry/api',
  'import-in-the-middle',
  '@opentelemetry/exporter-*-otlp-grpc',
  '@opentelemetry/exporter-zipkin',
  '@opentelemetry/propagator-b3',
  '@opentelemetry/propagator-jaeger',
  'bullmq',
  'ioredis',
  'opossum',
  'pg',
  'pino',
];

/** What NodeSDK would load for settings that we handle ourselves: it is given its processors, readers and propagator. */
const neverUsed: Plugin = {
  name: 'never-used',
  setup(bundler) {
    bundler.onResolve({ filter: /^@opentelemetry\/(configuration|exporter-|propagator-)/ }, ({ path, importer }) =>
      /node_modules\/@opentelemetry\/sdk-node\//.test(importer) ? { path, namespace: 'never-used' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'never-used' }, () => ({ contents: 'module.exports = {};', loader: 'js' }));
  },
};

async function main(): Promise<void> {
  const doors = DOORS.filter((door) => exists(join(DIST, `${door}.js`)));
  await build({
    stdin: { contents: `module.exports = {\n${doors.map((door) => `  '${door}': () => require('./${door}.js'),`).join('\n')}\n};`, resolveDir: DIST },
    outfile: join(DIST, 'bundle.js'),
    bundle: true,
    platform: 'node',
    target: 'node20.6',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: true,
    sourcesContent: false,
    external: EXTERNAL,
    plugins: [neverUsed],
    legalComments: 'none',
  });
  for (const file of filesBelow(DIST)) {
    if (/\.js(\.map)?$/.test(file) && !KEPT.includes(file.replace(/\.map$/, ''))) rmSync(join(DIST, file));
  }
  for (const door of doors) {
    const up = '../'.repeat(door.split('/').length - 1) || './';
    const shebang = door === 'cli/main' ? '#!/usr/bin/env node\n' : '';
    writeFileSync(join(DIST, `${door}.js`), `${shebang}module.exports = require('${up}bundle-loader.js').loadBundle()['${door}']();\n`);
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(folder, file)).isFile()).map((file) => relative('', file));
}

function exists(file: string): boolean {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
