// The libraries that test/app/library-use.cjs uses, in the versions that are supported: what each needs, and the spans of its use. No vitest here.
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { type NodeMajor, nodeBinary } from './node-versions.ts';
import { installedPackages } from './npm-packages.ts';
import type { SpanNode } from './otlp.ts';

export type Tree = readonly (string | Tree)[];

/** What using a library looks like, whatever its version: names of spans, each before its children. */
export const SPANS: Readonly<Record<string, Tree>> = {
  pg: ['use', ['SELECT']],
  postgres: ['use', ['SELECT']],
  ioredis: ['use', ['connect', 'set', 'quit']],
  redis: ['use', ['connect', 'set', 'quit']],
  bull: ['use', ['send payments', ['process payments']]],
  bullmq: ['use', ['send payments', ['process payments']]],
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
export const VERSIONS = [
  ['pg', '7.18.2', ['8.0.3', '8.23.1']],
  ['postgres', '3.0.6', ['3.1.0', '3.4.9']],
  ['ioredis', '4.26.0', ['4.27.0', '5.11.1', '6.0.0']],
  ['redis', '3.1.2', ['4.0.0', '4.7.1', '5.0.0', '5.12.1', '6.3.1']],
  ['bull', '3.29.3', ['4.0.0', '4.16.5']],
  ['bullmq', '5.12.15', ['5.13.0', '5.16.0', '5.21.2', '5.22.0', '5.81.5', '6.7.0']],
  ['pg-boss', '8.4.2', ['9.0.0', '10.4.2', '11.1.2', '12.38.0']],
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
export const LOGGERS: ReadonlySet<string> = new Set(['pino', 'winston', 'bunyan']);
const NEEDS_NODE_24: ReadonlySet<string> = new Set(['opossum@10.0.0', 'pg-boss@12.38.0', 'undici@8.13.0']);

/** How fast this machine is, and whether it was busy, is not what is tested. */
export const UNTIMED = { SIETCH_OTEL_PG_SLOW_QUERY_MS: '0', SIETCH_OTEL_REDIS_SLOW_MS: '0' };

/** The packages of a version, name to version: itself and what it needs beside it. */
export function packagesOf(name: string, version: string): Record<string, string> {
  return { [name]: version, ...peersOf(name, version) };
}

/** Their node_modules. */
export function installedLibrary(name: string, version: string): Promise<string> {
  return installedPackages(join(cacheDirectory('libraries'), `${name.replace('/', '+')}-${version}`), packagesOf(name, version));
}

/** The Node that it needs. */
export function nodeFor(name: string, version: string): Promise<string> {
  const major: NodeMajor = NEEDS_NODE_24.has(`${name}@${version}`) ? '24' : '20';
  return nodeBinary(major);
}

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

/** Statements inside of pg-boss, which differ from version to version. */
const INSIDE_PG_BOSS = /^(?:BEGIN|COMMIT|ROLLBACK|SELECT|INSERT|UPDATE|DELETE|WITH|SET|CREATE|ALTER|LOCK|complete)\b/;

/** Without the name of the database, which is another in each run. */
export function namesOf(library: string, spans: readonly SpanNode[]): Tree {
  const shown = spans.filter(({ name }) => library !== 'pg-boss' || !INSIDE_PG_BOSS.test(name));
  return shown.flatMap(({ name, children }) => {
    const below = namesOf(library, children);
    return [name.replace(/ test_\w+$/, ''), ...(below.length === 0 ? [] : [below])];
  });
}

export function problemsIn(stderr: string): string[] {
  return stderr.split('\n').filter((line) => /^\[sietch-otel\] (warn|error) /.test(line));
}
