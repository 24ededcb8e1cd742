// The first and the last version of each library that is supported, and of each kind in between that is observed in another way: the same spans.
// The version before the first: one warning that says so, and the app runs on.
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { supportedRange } from '../src/sdk/hooks/supported-versions.js';
import { type Exit, runApp } from './support/app.ts';
import { cacheDirectory } from './support/cache.ts';
import { ROOT } from './support/checkout.ts';
import { nodeBinary } from './support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from './support/npm-packages.ts';
import { type Receiver, type SpanNode, spanTree, startReceiver } from './support/otlp.ts';
import { freshDatabase, freshRedis } from './support/servers.ts';

type Tree = readonly (string | Tree)[];

/** What using a library looks like, whatever its version: names of spans, each before its children. */
const expected: Readonly<Record<string, Tree>> = {
  pg: ['use', ['pg.query:SELECT']],
  postgres: ['use', ['pg.query:SELECT']],
  ioredis: ['use', ['connect', 'set', 'quit']],
  redis: ['use', ['connect', 'set', 'quit']],
  bullmq: ['use', ['send payments', ['process payments']]],
  bull: ['use', ['send payments', ['process payments']]],
  'pg-boss': ['use', ['send payments', ['process payments']]],
  opossum: ['use', ['circuit paddle']],
  pino: ['use'],
  winston: ['use'],
  bunyan: ['use'],
  express: ['use', ['GET', ['GET /orders/:id']]],
  fastify: ['use', ['GET', ['GET /orders/:id']]],
  '@koa/router': ['use', ['GET', ['GET /orders/:id']]],
  'koa-router': ['use', ['GET', ['GET /orders/:id']]],
  '@hapi/hapi': ['use', ['GET', ['GET /orders/{id}']]],
  hono: ['use', ['GET', ['GET /orders/:id']]],
  '@nestjs/core': ['use', ['GET', ['GET /orders/:id']]],
  undici: ['use', ['GET', ['GET']]],
};

/** The last version before the range (none before the first of all), the first in it, those from which on it is observed in another way, the last; with the Node that it needs. */
const versions = [
  ['pg', '7.18.2', ['8.0.3', '8.23.1']],
  ['postgres', '3.0.6', ['3.1.0', '3.4.9']],
  ['ioredis', '4.26.0', ['4.27.0', '5.11.1', '6.0.0']],
  ['redis', '3.1.2', ['4.0.0', '4.7.1', '5.0.0', '5.12.1', '6.3.1']],
  ['bullmq', '5.12.15', ['5.13.0', '5.16.0', '5.21.2', '5.22.0', '5.81.5', '6.7.0']],
  ['bull', '3.29.3', ['4.0.0', '4.16.5']],
  // Those after it make spans of their own: test/integrations/queue/pg-boss.test.ts.
  ['pg-boss', '8.4.2', ['9.0.0', '10.4.2', '12.35.0']],
  ['opossum', '7.1.0', ['8.0.0', '9.0.0', '10.0.0']],
  ['pino', '5.13.6', ['5.14.0', '10.4.0']],
  ['winston', '2.4.7', ['3.0.0', '3.19.0']],
  ['bunyan', '1.7.1', ['1.8.0', '2.0.5']],
  ['express', '3.21.2', ['4.0.0', '5.3.0']],
  ['fastify', '4.9.2', ['4.10.0', '5.12.8']],
  ['@koa/router', undefined, ['8.0.0', '15.7.0']],
  ['koa-router', '6.2.0', ['7.0.0', '14.0.0']],
  ['@hapi/hapi', '20.1.1', ['20.1.2', '21.4.10']],
  ['hono', '3.12.12', ['4.0.0', '4.13.19']],
  ['@nestjs/core', '7.6.18', ['8.0.0', '12.5.1']],
  ['undici', '5.11.0', ['5.12.0', '7.30.2', '8.13.0']],
] as const;
/** What they print is one line with the trace. */
const LOGGERS: ReadonlySet<string> = new Set(['pino', 'winston', 'bunyan']);
const NEEDS_NODE_24: ReadonlySet<string> = new Set(['opossum@10.0.0', 'pg-boss@12.35.0', 'undici@8.13.0']);

/** How fast this machine is, and whether it was busy, is not what is tested. */
const UNTIMED = { SIETCH_OTEL_PG_SLOW_QUERY_MS: '0', SIETCH_OTEL_REDIS_SLOW_MS: '0' };

let receiver: Receiver;
const folders: string[] = [];
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe.each(versions)('%s', (name, before, supported) => {
  test.each(supported)('%s: its spans', { timeout: INSTALLING_MS }, async (version) => {
    const { stdout, stderr, code } = await run(name, version);
    expect({ code, problems: problemsIn(stderr) }).toEqual({ code: 0, problems: [] });
    const spans = spanTree(receiver.store.spans);
    expect(namesOf(spans, name)).toEqual(expected[name]);
    if (LOGGERS.has(name)) expect(JSON.parse(stdout)).toMatchObject({ trace_id: receiver.store.spans[0]?.traceId });
  });

  const last = supported[supported.length - 1] ?? supported[0];
  test(`${last} with another copy of itself inside: its spans`, { timeout: INSTALLING_MS }, async () => {
    const { code, stderr } = await run(name, last, { copyInside: true });
    expect({ code, problems: problemsIn(stderr) }).toEqual({ code: 0, problems: [] });
    expect(namesOf(spanTree(receiver.store.spans), name)).toEqual(expected[name]);
  });

  if (before === undefined) return;
  test(`${before}: one warning, and the app runs as it does without us`, { timeout: INSTALLING_MS }, async () => {
    const { stderr, code } = await run(name, before);
    expect(problemsIn(stderr)).toEqual([
      expect.stringContaining(
        `SIETCH130 a library has a version that is not supported: ${name} ${before}, supported is ${supportedRange(name)}: `,
      ),
    ]);
    expect(code).toBe((await run(name, before, { preload: 'none' })).code);
  });
});

interface RunOptions {
  preload?: 'require' | 'none';
  /** Puts a second copy of the package into its own node_modules. */
  copyInside?: boolean;
}

async function run(name: string, version: string, { copyInside, preload = 'require' }: RunOptions = {}): Promise<Exit> {
  const modules = await installedPackages(join(cacheDirectory('libraries'), `${name.replace('/', '+')}-${version}`), {
    [name]: version,
    ...peersOf(name, version),
  });
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-library-'));
  folders.push(folder);
  // Copied, not linked: modules are known by their real paths, and the app's API is this checkout's.
  cpSync(modules, join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules/@opentelemetry/api'), join(folder, 'node_modules/@opentelemetry/api'));
  if (copyInside === true) cpSync(join(modules, name), join(folder, 'node_modules', name, 'node_modules', name), { recursive: true });
  copyFileSync(join(ROOT, 'test/app/library-use.cjs'), join(folder, 'use.cjs'));
  const app = runApp(join(folder, 'use.cjs'), {
    args: [name],
    receiver,
    node: await nodeBinary(NEEDS_NODE_24.has(`${name}@${version}`) ? '24' : '20'),
    env: { DATABASE_URL: await freshDatabase(), REDIS_URL: await freshRedis(), SIETCH_OTEL_CIRCUIT_SPANS: 'on', ...UNTIMED },
    preload,
  });
  return app.waitForExit(60_000);
}

/** What a version needs beside it. */
function peersOf(name: string, version: string): Record<string, string> {
  const major = Number(version.split('.')[0]);
  if (name === 'bullmq') return major === 6 ? { ioredis: '6.0.0' } : {};
  if (name.endsWith('koa-router') || name === '@koa/router') return { koa: major < 14 ? '2.16.4' : '3.3.0' };
  if (name === 'hono') return { '@hono/node-server': '1.8.0' };
  if (name === '@nestjs/core') {
    const reflect = major < 9 ? '0.1.13' : '0.2.2';
    return {
      '@nestjs/common': version,
      '@nestjs/platform-express': version,
      'reflect-metadata': reflect,
      rxjs: major === 7 ? '6.6.7' : '7.8.2',
    };
  }
  return {};
}

/** Without the name of the database, which is another in each run, and without the statements of pg-boss, which are others in each version. */
function namesOf(spans: readonly SpanNode[], library: string): Tree {
  const seen = library === 'pg-boss' ? spans.filter(({ name }) => !name.startsWith('pg.')) : spans;
  return seen.flatMap(({ name, children }) => {
    const below = namesOf(children, library);
    return [name.replace(/ test_\w+$/, ''), ...(below.length === 0 ? [] : [below])];
  });
}

function problemsIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => /^\[sietch-otel\] (warn|error) /.test(line));
}
