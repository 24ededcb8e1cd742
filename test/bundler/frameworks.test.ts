// Web frameworks inside of a bundle, of CommonJS and of ES modules: the same routes as outside of it.
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Span, startReceiver } from '../support/otlp.ts';

const NEST = { '@nestjs/common': '11.2.10', '@nestjs/core': '11.2.10', 'reflect-metadata': '0.2.2', rxjs: '7.8.2' };
const frameworks = [
  ['koa', ['@koa/router'], { koa: '3.3.0', '@koa/router': '15.7.0', 'koa-mount': '4.2.0' }],
  ['hapi', [], { '@hapi/hapi': '21.4.10' }],
  ['hono', [], { hono: '4.13.19', '@hono/node-server': '2.1.9' }],
  ['nest', ['fastify'], { ...NEST, '@nestjs/platform-fastify': '11.2.8' }],
] as const;
/** Nest asks for it where it is installed. */
const OPTIONAL = ['@nestjs/microservices', '@nestjs/websockets', '@nestjs/platform-express', 'class-validator', 'class-transformer'];
const OUTSIDE = [...OPTIONAL.flatMap((name) => [name, `${name}/*`]), '@fastify/static', '@fastify/view'];
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

test.each(frameworks.flatMap(([name, ...rest]) => [[name, 'cjs', ...rest] as const, [name, 'mjs', ...rest] as const]))(
  '%s, %s',
  { timeout: INSTALLING_MS },
  async (name, extension, args, packages) => {
    const key = Object.entries(packages).map((each) => each.join('-').replace('/', '+'));
    const modules = await installedPackages(join(cacheDirectory('bundlers'), key.join('_')), packages);
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-bundled-framework-')));
    try {
      cpSync(join(ROOT, 'test/app/frameworks'), join(folder, 'app'), { recursive: true });
      symlinkSync(modules, join(folder, 'app/node_modules'));
      const entry = join(folder, `app/${name}.${extension}`);
      // What is bundled has to be named.
      writeFileSync(entry, readFileSync(entry, 'utf8').replace('process.argv[2]', JSON.stringify(args[0])));
      const outfile = join(folder, `bundle.${extension}`);
      const { sietchOtel }: typeof import('../../src/bundler.js') = createRequire(import.meta.url)(join(ROOT, 'dist/bundler.js'));
      await build({
        entryPoints: [entry],
        outfile,
        format: extension === 'cjs' ? 'cjs' : 'esm',
        bundle: true,
        platform: 'node',
        minifyWhitespace: true,
        external: OUTSIDE,
        banner: extension === 'cjs' ? {} : { js: BANNER },
        plugins: [sietchOtel.esbuild()],
        logLevel: 'silent',
      });
      const bundled = await routesOf(outfile, args);
      expect(bundled).toEqual(await routesOf(entry, args));
      expect(bundled.filter((text) => text.includes(':') || text.includes('{')).length).toBeGreaterThan(2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

async function routesOf(file: string, args: readonly string[]): Promise<string[]> {
  const receiver = await startReceiver();
  try {
    const { code, stderr } = await runApp(file, { receiver, args }).waitForExit();
    expect({ code, problems: stderr.match(/^\[sietch-otel\] (?:warn|error) SIETCH(?!176).*$/gm) }, stderr).toEqual({
      code: 0,
      problems: null,
    });
    const spans = receiver.store.spans.filter(({ kind }) => kind === 'SERVER');
    return spans.sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano)).map(requestAndRoute);
  } finally {
    await receiver.close();
  }
}

function requestAndRoute({ name, attributes }: Span): string {
  return `${name} for ${String(attributes['url.path'])}: ${String(attributes['http.response.status_code'])} ${String(attributes['nestjs.callback'] ?? '')}`;
}
