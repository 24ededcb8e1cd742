// Each integration with a copy of its library that lacks what it patches: it says so once, and the app goes on.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';

interface Case {
  readonly library: string;
  /** The file of the copy that is changed, and how: by a line at its end, or by another name for what it defines. */
  readonly file: string;
  readonly remove: string | readonly [name: string, other: string];
  readonly missing: string;
  /** Uses the library as far as it works without the member; prints `done`. */
  readonly app?: string;
}

const LOAD = "console.log('done');";

const cases: readonly Case[] = [
  {
    library: 'pg',
    file: 'lib/client.js',
    remove: 'delete module.exports.prototype._pulseQueryQueue;',
    missing: 'Client.prototype._pulseQueryQueue',
  },
  { library: 'pg-pool', file: 'index.js', remove: 'module.exports.prototype.connect = undefined;', missing: 'prototype.connect' },
  { library: 'ioredis', file: 'built/index.js', remove: 'delete exports.default.prototype.setStatus;', missing: 'prototype.setStatus' },
  {
    library: '@redis/client',
    file: 'dist/lib/client/commands-queue.js',
    remove: 'delete exports.default.prototype.addCommand;',
    missing: 'default.prototype.addCommand',
  },
  {
    library: '@redis/client',
    file: 'dist/index.js',
    remove: ['"use strict";', 'return;'],
    missing: 'dist/lib/client/commands-queue.js, dist/lib/client/socket.js, dist/lib/client/index.js',
  },
  {
    library: 'bullmq',
    file: 'dist/cjs/index.js',
    remove: 'delete exports.Worker.prototype.callProcessJob; delete exports.QueueBase.prototype.trace;',
    missing: 'Worker.prototype.callProcessJob, QueueBase.prototype.trace',
  },
  { library: 'opossum', file: 'lib/circuit.js', remove: 'delete module.exports.prototype.fire;', missing: 'prototype.fire' },
  { library: 'express', file: 'lib/express.js', remove: 'exports.Route = undefined;', missing: 'Route.prototype.dispatch' },
  {
    library: 'fastify',
    file: 'lib/request.js',
    remove: ['routeOptions: {', 'otherOptions: {'],
    missing: 'request.routeOptions',
    app: `const app = library();
      app.get('/', async () => 'answer');
      const ask = () => app.inject('/').then(({ statusCode, payload }) => [statusCode, payload].join());
      ask().then(ask).then((answer) => console.log(answer === '200,answer' ? 'done' : answer));`,
  },
  {
    library: 'pino',
    file: 'pino.js',
    remove: 'module.exports.symbols = { ...module.exports.symbols, mixinSym: undefined };',
    missing: 'symbols.mixinSym',
    app: "library().info('a line'); console.log('done');",
  },
];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** An app that has a changed copy of one library beside all others. */
function createApp({ library, file, remove, app = LOAD }: Case): string {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-members-'));
  folders.push(folder);
  const modules = join(folder, 'node_modules');
  cpSync(join(ROOT, 'node_modules', library), join(modules, library), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!existsSync(join(modules, name)) && !name.startsWith('.')) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const path = join(modules, library, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, typeof remove === 'string' ? `${text}\n${remove}\n` : text.replace(...remove));
  writeFileSync(join(folder, 'app.js'), `const library = require('${library}'); ${app}`);
  return join(folder, 'app.js');
}

test.each(cases)('$library without $missing: one line, and the app goes on', async (each) => {
  const { code, stdout, stderr } = await runApp(createApp(each)).waitForExit();
  expect({ code, done: stdout.includes('done') }, stderr).toEqual({ code: 0, done: true });
  const lines = stderr.split('\n').filter((line) => line.startsWith('[sietch-otel] warn'));
  const [line = ''] = lines;
  expect(lines).toHaveLength(1);
  expect(line).toMatch(new RegExp(`SIETCH042 [^:]+: ${each.library}`));
  expect(line).toContain(`has no ${each.missing}: what needs it is not observed`);
  expect(line).toContain('Remedy: ');
});
