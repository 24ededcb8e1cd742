// Libraries that start programs of their own find them beside the bundle, or outside of it: BullMQ's sandboxes, pino's transports.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Exit, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { type Receiver, spanNamed, startReceiver } from '../support/otlp.ts';
import { freshRedis } from '../support/servers.ts';

const fromRoot = createRequire(join(ROOT, 'package.json'));

let receiver: Receiver;
let folder: string;
beforeEach(async () => {
  receiver = await startReceiver();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-own-programs-')));
});
afterEach(async () => {
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

async function bundle(options: BuildOptions): Promise<void> {
  const { sietchOtel }: typeof import('../../src/bundler.js') = fromRoot('./dist/bundler.js');
  await build({ outdir: folder, bundle: true, platform: 'node', minify: true, plugins: [sietchOtel.esbuild()], ...options });
}

function run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Exit> {
  return runApp(join(folder, file), { receiver, args, env, cwd: folder }).waitForExit();
}

// send sandbox-…               PRODUCER
//   process sandbox-…          CONSUMER
//     in the sandbox           in a process or a thread of its own
test.each(['process', 'thread'])('a processor in a %s of its own, the programs of BullMQ bundled beside', async (kind) => {
  await bundle({
    entryPoints: {
      app: join(ROOT, 'test/app/queue-sandbox.cjs'),
      'queue-sandbox-processor': join(ROOT, 'test/app/queue-sandbox-processor.cjs'),
    },
    outExtension: { '.js': '.cjs' },
  });
  const programs = ['main', 'main-worker'].map((name) => [name, fromRoot.resolve(`bullmq/dist/cjs/classes/${name}.js`)]);
  await bundle({ entryPoints: Object.fromEntries(programs) });
  const exit = await run('app.cjs', [kind], {
    REDIS_URL: await freshRedis(),
    SIETCH_OTEL_WORKER_THREADS: 'on',
    SIETCH_OTEL_BANNER: 'off',
    SIETCH_OTEL_EVENTS: 'off',
  });
  expect(exit).toMatchObject({ code: 0, stdout: 'result 2\n' });
  const { spans } = receiver.store;
  const around = spans.find((span) => span.kind === 'CONSUMER');
  expect(spanNamed(spans, 'in the sandbox')).toMatchObject({ traceId: around?.traceId, parentSpanId: around?.spanId });
  expect(around?.parentSpanId).toBe(spans.find((span) => span.kind === 'PRODUCER')?.spanId);
});

test('a transport of pino, which is left outside of the bundle', async () => {
  const app = `
    const { trace } = require('@opentelemetry/api');
    const logger = require('pino')({ transport: { target: 'pino/file', options: { destination: 1 } } });
    trace.getTracer('app').startActiveSpan('work', (span) => {
      logger.info('at work');
      span.end();
    });
  `;
  await bundle({ stdin: { contents: app, resolveDir: ROOT }, external: ['pino'] });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(realpathSync(join(ROOT, 'node_modules/pino')), join(folder, 'node_modules/pino'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop" }');
  const { stdout } = await run('stdin.js', [], {});
  expect(JSON.parse(stdout)).toMatchObject({ msg: 'at work', trace_id: spanNamed(receiver.store.spans, 'work').traceId });
});
