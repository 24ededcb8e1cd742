// Routes of web frameworks beside Express and Fastify, first and last version of each, as CommonJS and as ES modules: the same answers as without us.
import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Exit, type Preload, runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { ROOT } from '../../support/checkout.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { allText, type Receiver, type Span, spanTree, startReceiver } from '../../support/otlp.ts';

/** Method and path, status, route; undefined for none. */
type Asked = readonly [request: string, status: number, route: string | undefined];

interface Framework {
  readonly app: string;
  readonly args: readonly string[];
  readonly packages: Readonly<Record<string, string>>;
  readonly asked: readonly Asked[];
}

const koa: readonly Asked[] = [
  ['GET /', 200, '/'],
  // Two routes match; the one that answers counts.
  ['GET /orders/me', 200, '/orders/me'],
  ['GET /orders/7', 200, '/orders/:id'],
  ['POST /orders/7', 405, undefined],
  // The first route that matches passes it on.
  ['GET /late/7', 200, '/late/:id'],
  // A middleware of the router refuses what its route would have answered.
  ['GET /refused/7', 401, '/refused/:id'],
  ['GET /boom', 500, '/boom'],
  ['GET /numbers/12', 200, '/^\\/numbers\\/(\\d+)$/'],
  ['GET /api/users', 200, '/api/users'],
  ['GET /api/users/anna', 200, '/api/users/:user'],
  ['GET /mounted/things/1', 200, '/mounted/things/:thing'],
  ['GET /mounted/elsewhere', 200, '/mounted/elsewhere'],
  ['GET /nowhere', 404, undefined],
];

const hapi: readonly Asked[] = [
  ['GET /', 200, '/'],
  ['GET /orders/7', 200, '/orders/{id}'],
  ['POST /orders/7', 404, undefined],
  ['GET /files/a/b', 200, '/files/{path*2}'],
  ['GET /boom', 500, '/boom'],
  // An extension answers before there is a route.
  ['GET /early', 200, undefined],
  ['GET /api/users/anna', 200, '/api/users/{user}'],
  ['OPTIONS /orders/7', 404, undefined],
  ['GET /nowhere', 404, undefined],
];

const hono: readonly Asked[] = [
  ['GET /', 200, '/'],
  ['GET /orders/me', 200, '/orders/me'],
  ['GET /orders/7', 200, '/orders/:id'],
  ['HEAD /orders/7', 200, '/orders/:id'],
  ['POST /orders/7', 404, undefined],
  ['GET /refused/7', 401, '/refused/:id'],
  ['GET /boom', 500, '/boom'],
  // Its handler asks the app for /orders/itself.
  ['GET /self', 200, '/self'],
  ['PUT /both', 200, '/both'],
  ['DELETE /any/4', 200, '/any/:thing'],
  ['GET /late/7', 200, '/late/:id'],
  ['GET /api/users/anna', 200, '/api/users/:user'],
  ['GET /pages/a/b', 200, '/pages/*'],
  ['GET /nowhere', 404, undefined],
];

const nest: readonly Asked[] = [
  ['GET /api/orders', 200, '/api/orders'],
  ['GET /api/orders/7', 200, '/api/orders/:id'],
  ['POST /api/orders', 201, '/api/orders'],
  ['GET /api/orders/secret', 403, '/api/orders/secret'],
  ['GET /api/orders/refused', 403, '/api/orders/refused'],
  ['GET /api/orders/boom', 500, '/api/orders/boom'],
  ['GET /api/scoped/1', 200, '/api/scoped/:any'],
  ['GET /api/scoped/2', 200, '/api/scoped/:any'],
  ['GET /nowhere', 404, undefined],
];

const koaWith = (router: string, version: string, koaVersion: string): Framework => ({
  app: 'koa',
  args: [router],
  packages: { koa: koaVersion, [router]: version, 'koa-mount': '4.2.0' },
  asked: koa,
});
const hapiOf = (version: string): Framework => ({ app: 'hapi', args: [], packages: { '@hapi/hapi': version }, asked: hapi });
const honoWith = (version: string, adapter: string): Framework => ({
  app: 'hono',
  args: [],
  packages: { hono: version, '@hono/node-server': adapter },
  asked: hono,
});
const nestOn = (platform: 'express' | 'fastify', version: string, platformVersion = version): Framework => ({
  app: 'nest',
  args: [platform],
  packages: {
    '@nestjs/common': version,
    '@nestjs/core': version,
    [`@nestjs/platform-${platform}`]: platformVersion,
    'reflect-metadata': version.startsWith('8.') ? '0.1.13' : '0.2.2',
    rxjs: '7.8.2',
  },
  asked: nest,
});

const frameworks: Readonly<Record<string, Framework>> = {
  '@koa/router 8.0.0': koaWith('@koa/router', '8.0.0', '2.16.4'),
  '@koa/router 12.0.0': koaWith('@koa/router', '12.0.0', '2.16.4'),
  '@koa/router 15.7.0': koaWith('@koa/router', '15.7.0', '3.3.0'),
  'koa-router 7.0.0': koaWith('koa-router', '7.0.0', '2.0.0'),
  'koa-router 14.0.0': koaWith('koa-router', '14.0.0', '3.3.0'),
  'hapi 20.1.2': hapiOf('20.1.2'),
  'hapi 21.4.10': hapiOf('21.4.10'),
  'hono 4.0.0': honoWith('4.0.0', '1.8.0'),
  'hono 4.13.19': honoWith('4.13.19', '2.1.9'),
  'NestJS 8.0.0 on Express': nestOn('express', '8.0.0'),
  'NestJS 11.2.10 on Fastify': nestOn('fastify', '11.2.10', '11.2.8'),
  'NestJS 12.5.1 on Express': nestOn('express', '12.5.1'),
  'NestJS 12.5.1 on Fastify': nestOn('fastify', '12.5.1', '12.5.0'),
};

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const folders = new Map<Framework, string>();
afterAll(() => {
  for (const folder of folders.values()) rmSync(folder, { recursive: true, force: true });
});

/** A folder with the apps and the node_modules of a framework. */
async function folderOf(framework: Framework): Promise<string> {
  const known = folders.get(framework);
  if (known !== undefined) return known;
  const name = Object.entries(framework.packages).map((each) => each.join('-').replace('/', '+'));
  const modules = await installedPackages(join(cacheDirectory('frameworks'), name.join('_')), framework.packages);
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-framework-'));
  folders.set(framework, folder);
  symlinkSync(modules, join(folder, 'node_modules'));
  cpSync(join(ROOT, 'test/app/frameworks'), folder, { recursive: true });
  return folder;
}

interface RunOptions {
  readonly extension?: 'cjs' | 'mjs';
  readonly preload?: Preload;
  readonly env?: Readonly<Record<string, string>>;
}

async function run(framework: Framework, { extension = 'cjs', preload = 'require', env = {} }: RunOptions = {}): Promise<Exit> {
  const folder = await folderOf(framework);
  const app = runApp(join(folder, `${framework.app}.${extension}`), {
    args: framework.args,
    preload,
    receiver,
    cwd: folder,
    // Metrics are sent at the exit.
    env: { OTEL_METRICS_EXPORTER: 'otlp', OTEL_METRIC_EXPORT_INTERVAL: '60000', OTEL_METRIC_EXPORT_TIMEOUT: '30000', ...env },
  });
  return app.waitForExit(60_000);
}

const methodAndPath = ({ attributes }: Span) => `${String(attributes['http.request.method'])} ${String(attributes['url.path'])}`;

function servers(): Span[] {
  return receiver.store.spans.filter(({ kind }) => kind === 'SERVER').sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano));
}

const ways: readonly (readonly ['cjs' | 'mjs', Preload])[] = [
  ['cjs', 'require'],
  ['mjs', 'require'],
  ['mjs', 'import'],
];

describe.each(Object.entries(frameworks))('%s', (_name, framework) => {
  test.each(ways)(
    '%s --%s: the route of each request, in its span and its duration; answers and their order as without us',
    { timeout: INSTALLING_MS },
    async (extension, preload) => {
      const { code, stdout, stderr } = await run(framework, { extension, preload });
      expect({ code, problems: stderr.match(/^\[sietch-otel\] (?:warn|error).*$/gm) }, stderr).toEqual({ code: 0, problems: null });
      const spans = servers();
      expect(
        spans.map((span) => [methodAndPath(span), span.attributes['http.response.status_code'], span.attributes['http.route']]),
      ).toEqual(framework.asked);
      expect(spans.map(({ name }) => name)).toEqual(
        framework.asked.map(([request, , route]) => [request.split(' ')[0], route].filter(Boolean).join(' ')),
      );
      const bare = await run(framework, { extension, preload: 'none' });
      expect(bare.stdout.split('\n').filter((line) => line.startsWith('{'))).toHaveLength(framework.asked.length);
      expect(stdout).toBe(bare.stdout);
      const measured = receiver.store.metrics.filter(({ name }) => name === 'http.server.request.duration').flatMap(({ points }) => points);
      expect(new Set(measured.map(({ attributes }) => attributes['http.route']))).toEqual(
        new Set(framework.asked.map(([, , route]) => route)),
      );
      expect(allText(receiver.store)).not.toContain('41111111');
    },
  );
});

/** What is taken from the library, by a line at the end of a file of it. */
const lost: readonly (readonly [name: string, file: string, change: string, missing: string])[] = [
  ['@koa/router 12.0.0', '@koa/router/lib/router.js', 'delete Router.prototype.match;', 'prototype.match'],
  ['@koa/router 12.0.0', '@koa/router/lib/layer.js', 'delete Layer.prototype.captures;', 'Layer.prototype.captures'],
  ['hapi 21.4.10', '@hapi/hapi/lib/request.js', 'delete internals.Request.prototype._lookup;', 'Request.prototype._lookup'],
  ['hono 4.13.19', 'hono/dist/cjs/index.js', 'delete exports.Hono;', 'Hono'],
  [
    'NestJS 8.0.0 on Express',
    '@nestjs/core/router/router-execution-context.js',
    'delete RouterExecutionContext.prototype.create;',
    'RouterExecutionContext.prototype.create',
  ],
];

test.each(lost)(
  '%s without a member of %s: one line, and the app goes on',
  { timeout: INSTALLING_MS },
  async (name, file, change, missing) => {
    const framework = frameworks[name];
    if (framework === undefined) throw new Error('No such framework');
    const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-framework-'));
    try {
      cpSync(join(await folderOf(framework), 'node_modules/'), join(folder, 'node_modules'), { recursive: true, dereference: true });
      appendFileSync(join(folder, 'node_modules', file), `\n${change}\n`);
      writeFileSync(join(folder, 'app.cjs'), `require(${JSON.stringify(/^(?:@[^/]+\/)?[^/]+/.exec(file)?.[0])}); console.log('done');`);
      const { stdout, stderr } = await runApp(join(folder, 'app.cjs'), { cwd: folder }).waitForExit(60_000);
      expect(stdout, stderr).toBe('done\n');
      const lines = stderr.split('\n').filter((line) => line.startsWith('[sietch-otel] warn'));
      expect(lines).toEqual([expect.stringMatching(/SIETCH042 .*: what needs it is not observed/)]);
      expect(lines[0]).toContain(`has no ${missing}: `);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

const onExpress = frameworks['NestJS 8.0.0 on Express'];
const onFastify = frameworks['NestJS 11.2.10 on Fastify'];

describe.each([onExpress, onFastify])('handlers of NestJS', (framework) => {
  const namesOf = (spans: readonly Span[]) =>
    Object.fromEntries(spans.map((span) => [methodAndPath(span), span.attributes['code.function.name']]));

  test('are attributes of the request that they answer', { timeout: INSTALLING_MS }, async () => {
    if (framework === undefined) throw new Error('No such framework');
    await run(framework);
    expect(namesOf(servers())).toEqual({
      'GET /api/orders': 'OrdersController.home',
      'GET /api/orders/7': 'OrdersController.find',
      'POST /api/orders': 'OrdersController.create',
      'GET /api/orders/secret': 'OrdersController.secret',
      'GET /api/orders/refused': 'OrdersController.refuse',
      'GET /api/orders/boom': 'OrdersController.boom',
      'GET /api/scoped/1': 'ScopedController.count',
      'GET /api/scoped/2': 'ScopedController.count',
      'GET /nowhere': undefined,
    });
  });

  test('have spans when asked for, with upstream’s attributes', { timeout: INSTALLING_MS }, async () => {
    if (framework === undefined) throw new Error('No such framework');
    const { stdout } = await run(framework, { env: { SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: 'on' } });
    expect(stdout).toBe((await run(framework, { preload: 'none' })).stdout);
    // GET /api/orders/boom         SERVER, ERROR
    // └─ OrdersController.boom     INTERNAL, ERROR, among those of the middleware
    const handlers = receiver.store.spans.filter(({ attributes }) => attributes['nestjs.type'] === 'request_context');
    expect(handlers.map(({ name, status }) => [name, status.code])).toEqual([
      ['OrdersController.home', 'UNSET'],
      ['OrdersController.find', 'UNSET'],
      ['OrdersController.create', 'UNSET'],
      ['OrdersController.secret', 'ERROR'],
      ['OrdersController.refuse', 'ERROR'],
      ['OrdersController.boom', 'ERROR'],
      ['ScopedController.count', 'UNSET'],
      ['ScopedController.count', 'UNSET'],
    ]);
    const boom = handlers.find(({ name }) => name === 'OrdersController.boom');
    expect(boom?.attributes).toEqual({
      'code.function.name': 'OrdersController.boom',
      'nestjs.type': 'request_context',
      'nestjs.controller': 'OrdersController',
      'nestjs.callback': 'boom',
      'error.type': 'Error',
    });
    const inTrace = receiver.store.spans.filter(({ traceId }) => traceId === boom?.traceId);
    expect(spanTree(inTrace)).toHaveLength(1);
    expect(allText(receiver.store)).not.toContain('41111111');
  });
});
