// createLogger in a process without an SDK; with one, see pino.test.ts.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { TraceContext } from '../../src/index.ts';
import { createLogger } from '../../src/logging/library.ts';
import { ROOT } from '../support/checkout.ts';

function collector(): { lines: string[]; write(line: string): void } {
  const lines: string[] = [];
  return { lines, write: (line) => lines.push(line) };
}

test('lines carry the trace, once', () => {
  const out = collector();
  const logger = createLogger({ base: { service: 'app' } }, out);
  const trace = TraceContext.fromHeaders({ 'x-trace-id': 'order-12' });
  logger.info('outside');
  trace.run(() => logger.child({ part: 'a' }).info({ orderId: 7 }, 'inside'));
  const [outside, inside] = out.lines.map((line) => JSON.parse(line));
  expect(outside).toEqual({ level: 30, time: expect.any(Number), service: 'app', msg: 'outside' });
  expect(inside).toMatchObject({ ...trace.logFields(), service: 'app', part: 'a', orderId: 7, msg: 'inside' });
  expect(out.lines[1]?.split('"trace_id"').length).toBe(2);
});

test('a mixin of the app adds to ours', () => {
  const out = collector();
  const logger = createLogger({ mixin: (_fields, level) => ({ level_seen: level, trace_flags: 'mine' }) }, out);
  const trace = TraceContext.create();
  trace.run(() => logger.warn('x'));
  expect(JSON.parse(out.lines[0] ?? '')).toMatchObject({ trace_id: trace.traceId, level_seen: 40, trace_flags: 'mine' });
});

test('without pino: one clear error', async () => {
  // A place from which no node_modules can be seen but that of the API.
  const folder = mkdtempSync(join(tmpdir(), 'sietch-no-pino-'));
  try {
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    for (const name of ['@opentelemetry/api', 'import-in-the-middle']) {
      mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
      symlinkSync(realpathSync(join(ROOT, 'node_modules', name)), join(folder, 'node_modules', name), 'dir');
    }
    const script = `
      const { ConsoleLogger, createLogger } = require('./dist/logging/library.js');
      new ConsoleLogger().info('no need of pino');
      try { createLogger(); } catch (error) { console.log(error.code + ': ' + error.message); }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder });
    expect(stdout).toBe('no need of pino\nSIETCH_MISSING_PEER: createLogger() needs the package pino: npm install pino\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
