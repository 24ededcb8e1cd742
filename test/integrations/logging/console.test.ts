// Lines of console and of NestJS' own logger as log records, on request alone; what is printed is what is printed without us. Lines of a worker thread too.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Exit, type Preload, runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { type Receiver, spanNamed, startReceiver } from '../../support/otlp.ts';

const NEST = { '@nestjs/common': '11.1.9', 'reflect-metadata': '0.2.2', rxjs: '7.8.2' };

let receiver: Receiver;
let args: string[];
beforeAll(async () => {
  receiver = await startReceiver();
  const nest = await installedPackages(join(cacheDirectory('libraries'), 'nest-common-11.1.9'), NEST);
  args = [nest, await installedPackages(join(cacheDirectory('libraries'), 'winston-3.19.0'), { winston: '3.19.0' })];
}, INSTALLING_MS);
afterAll(() => receiver.close());

async function run(env: Record<string, string>, preload: Preload = 'require'): Promise<Exit> {
  receiver.store.clear();
  const exit = await runApp('test/app/console-lines.cjs', { args, receiver, preload, env }).waitForExit();
  expect({ code: exit.code, problems: /\] (?:warn|error) .*/.exec(exit.stderr)?.[0] }).toEqual({ code: 0, problems: undefined });
  return exit;
}

/** Without what differs from run to run, and the fields of the trace. */
function printed({ stdout, stderr }: Exit): string {
  const all = `${stdout}${stderr.replaceAll(/^\[sietch-otel\] .*\n/gm, '')}`;
  return all
    .replaceAll(/"(?:pid|timestamp)":\d+,?|\[Nest\] \d+|[\d/]+, [\d:]+ [AP]M/g, '')
    .replaceAll(/,"(?:trace_id|span_id|trace_flags)":"\w+"/g, '');
}

const WANTED = { SIETCH_OTEL_LOGGING_CONSOLE: 'on', OTEL_LOGS_EXPORTER: 'otlp', SIETCH_OTEL_WORKER_THREADS: 'on' };

test('with SIETCH_OTEL_LOGGING_CONSOLE=on each line is one record, in its trace', async () => {
  const exit = await run(WANTED);
  expect(printed(exit)).toBe(printed(await run({}, 'none')));
  const again = await run(WANTED);
  const { logs, spans } = await receiver.store.waitFor(
    (store) => store.logs.some(({ body }) => body === 'inside thread') && store.spans.some(({ name }) => name === 'thread') && store,
  );
  const span = spanNamed(spans, 'work');
  const inside = logs.filter(({ body }) => /^inside (?!thread)/.test(String(body)));
  expect(inside.map(({ body, severityText, severityNumber, scope }) => [body, severityText, severityNumber, scope.name])).toEqual([
    ['inside log 7 { order: 7 }', 'info', 9, '@sietch/otel/console'],
    ['inside taken', 'info', 9, '@sietch/otel/console'],
    ['inside info', 'info', 9, '@sietch/otel/console'],
    ['inside warn', 'warn', 13, '@sietch/otel/console'],
    ['inside debug', 'debug', 5, '@sietch/otel/console'],
    ['inside error [RangeError: too far]', 'error', 17, '@sietch/otel/console'],
    ['inside nest', 'info', 9, '@sietch/otel/nestjs'],
    ['inside nest failed', 'error', 17, '@sietch/otel/nestjs'],
    ['inside nest json', 'warn', 13, '@sietch/otel/nestjs'],
    ['inside winston', 'info', 9, '@sietch/otel/winston'],
  ]);
  for (const record of inside) expect(record).toMatchObject({ traceId: span.traceId, spanId: span.spanId });
  expect(inside[5]?.attributes).toMatchObject({ 'exception.type': 'RangeError' });
  expect(inside[7]?.attributes).toMatchObject({ context: 'Payments', 'exception.stacktrace': expect.stringContaining('at pay') });
  expect(logs.find(({ body }) => body === 'outside log')).toMatchObject({ traceId: '' });
  const ofThread = logs.filter(({ body }) => body === 'inside thread');
  expect(ofThread).toMatchObject([{ traceId: spanNamed(spans, 'thread').traceId, attributes: { 'thread.id': expect.any(Number) } }]);
  // The JSON lines of NestJS have the fields, and so has winston's.
  expect(again.stdout.split(span.traceId).length).toBe(3);
});

test.each([
  ['without the setting', { OTEL_LOGS_EXPORTER: 'otlp' }, ['inside winston', 'inside thread']],
  ['without OTEL_LOGS_EXPORTER', { SIETCH_OTEL_LOGGING_CONSOLE: 'on' }, []],
])('%s no line of console is sent', async (_when, env, expected) => {
  await run({ SIETCH_OTEL_WORKER_THREADS: 'on', ...env });
  expect(receiver.store.logs.map(({ body }) => body)).toEqual(expected);
});
