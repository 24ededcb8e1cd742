// docs/guides: the files of each guide, written as they stand beside the packages that they need and started by its command, give what the guide says.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, type AppOptions, preloadArgs, runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Receiver, spanNamed, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { type Answer, ask } from '../support/web-app.ts';
import { writeGuideFiles } from './guide-files.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

let receiver: Receiver;
let folder: string;
beforeEach(async () => {
  receiver = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), 'sietch-otel-guide-'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "version": "1.0.0" }');
});
afterEach(async () => {
  await receiver.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The guide's files, beside a node_modules. */
function prepare(guide: string, modules = join(ROOT, 'node_modules')): void {
  writeGuideFiles(guide, folder);
  symlinkSync(modules, join(folder, 'node_modules'));
}

function packagesOf(guide: string, packages: Readonly<Record<string, string>>): Promise<string> {
  return installedPackages(join(cacheDirectory('guides'), `${guide}-${Object.values(packages).join('-')}`), packages);
}

interface Asked {
  readonly app: App;
  readonly port: number;
  readonly answer: Answer;
}

/** Starts the app on a free port and asks it once it listens there. */
async function startAndAsk(file: string, path: string, options: AppOptions = {}): Promise<Asked> {
  const port = await freePort();
  const app = runApp(join(folder, file), { receiver, cwd: folder, ...options, env: { PORT: String(port), ...options.env } });
  const answer = await answerOf(`http://127.0.0.1:${port}${path}`);
  return { app, port, answer };
}

/** The first answer that there is. */
function answerOf(url: string, timeoutMs = 60_000): Promise<Answer> {
  return eventually(`${url} answers`, () => ask(url).catch(() => undefined), timeoutMs);
}

async function spansOf({ headers }: Answer, count = 1) {
  return receiver.store.waitForTrace(String(headers['x-trace-id']), (arrived) => arrived.length >= count);
}

test('fastify.md', async () => {
  prepare('fastify.md');
  const { app, port, answer } = await startAndAsk('app.js', '/orders/17');
  const [span] = await spansOf(answer);
  expect(span).toMatchObject({ name: 'GET /orders/:id', attributes: { 'http.route': '/orders/:id' } });
  const [line] = await app.waitForLine(/^.*asked for an order.*$/);
  expect(JSON.parse(line)).toMatchObject({ trace_id: answer.headers['x-trace-id'] });
  await app.stop();
  expect(port).toBeGreaterThan(0);
});

const NEST = {
  '@nestjs/common': '11.2.10',
  '@nestjs/core': '11.2.10',
  '@nestjs/platform-express': '11.2.10',
  'nestjs-pino': '5.2.1',
  'pino-http': '11.0.0',
  'reflect-metadata': '0.2.2',
  rxjs: '7.8.2',
};

test('nestjs.md', { timeout: INSTALLING_MS }, async () => {
  prepare('nestjs.md', await packagesOf('nestjs', NEST));
  // What `nest new` writes.
  const compilerOptions = {
    ...{
      module: 'commonjs',
      target: 'es2022',
      outDir: 'dist',
      rootDir: 'src',
      skipLibCheck: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    ...{ emitDecoratorMetadata: true, experimentalDecorators: true },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]).catch(({ stdout }) => expect.fail(stdout));
  const { app, answer } = await startAndAsk('dist/main.js', '/orders/17');
  expect(answer.body).toBe('{"id":"17"}');
  expect(await spansOf(answer)).toMatchObject([{ name: 'GET /orders/:id' }]);
  const [line] = await app.waitForLine(/^.*asked for an order.*$/);
  expect(JSON.parse(line)).toMatchObject({ trace_id: answer.headers['x-trace-id'] });
  await app.stop();
});

test('sentry.md: the error is in Sentry, the trace here, and one id in both', { timeout: INSTALLING_MS }, async () => {
  prepare('sentry.md', await packagesOf('sentry', { '@sentry/node': '11.12.0', '@opentelemetry/api': '1.9.0' }));
  const envelopes: string[] = [];
  const sentry = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      envelopes.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString());
      response.end('{}');
    });
  });
  const sentryPort = await freePort();
  await new Promise<void>((resolve) => void sentry.listen(sentryPort, '127.0.0.1', resolve));
  try {
    const { app, answer } = await startAndAsk('app.js', '/orders/17', { env: { SENTRY_DSN: `http://key@127.0.0.1:${sentryPort}/1` } });
    const error = await eventually('the error is in Sentry', () => envelopes.find((text) => text.includes('out of stock')));
    const spans = await spansOf(answer);
    const request = spans.find(({ kind }) => kind === 'SERVER');
    expect(request?.name).toBe('GET');
    expect(error).toContain(`"trace":{"trace_id":"${request?.traceId}","span_id":"${request?.spanId}"`);
    expect(app.stderr).not.toMatch(/SIETCH\d/);
    await app.stop();
  } finally {
    sentry.close().closeAllConnections();
  }
});

test('pm2.md', { timeout: INSTALLING_MS }, async () => {
  prepare('pm2.md', await packagesOf('pm2', { pm2: '7.0.4' }));
  const port = await freePort();
  writeFileSync(
    join(folder, 'app.js'),
    `require('node:http').createServer((request, response) => response.end('ok')).listen(${port}, '127.0.0.1');`,
  );
  mkdirSync(join(folder, 'home'));
  const pm2 = (...args: string[]) => {
    const env = { PATH: process.env['PATH'], HOME: folder, PM2_HOME: join(folder, 'home') };
    return run(process.execPath, [join(folder, 'node_modules/pm2/bin/pm2'), ...args], { cwd: folder, env });
  };
  const config = join(folder, 'ecosystem.config.cjs');
  const { apps } = require(config);
  expect(apps).toMatchObject([{ node_args: '--require @sietch/otel/register' }]);
  apps[0].node_args = preloadArgs().join(' ');
  apps[0].env = {
    ...apps[0].env,
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
  };
  writeFileSync(config, `module.exports = ${JSON.stringify({ apps })};`);
  try {
    await pm2('start', config);
    const answer = await answerOf(`http://127.0.0.1:${port}/`);
    expect(spanNamed(await spansOf(answer), 'GET').resource).toMatchObject({ 'service.name': 'shop' });
  } finally {
    await pm2('kill');
  }
});
