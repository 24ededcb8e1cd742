// winston and bunyan under the preload: the fields of the trace in each line of each kind of logger, once; the lines as they are without us otherwise, and so
// the app's own objects; log records where OTEL_LOGS_EXPORTER asks for them. The first and the last version of each.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Exit, type Preload, runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { allText, type LogRecord, type Receiver, spanNamed, startReceiver } from '../../support/otlp.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const LIBRARIES = [
  ['winston', '3.0.0', 'cjs'],
  ['winston', '3.19.0', 'cjs'],
  ['winston', '3.19.0', 'mjs'],
  ['bunyan', '1.8.0', 'cjs'],
  ['bunyan', '2.0.5', 'cjs'],
  ['bunyan', '2.0.5', 'mjs'],
] as const;
const FIELDS = ['trace_id', 'span_id', 'trace_flags', 'correlation_id'];
const CANARY = 'canary-7d1f';

interface Run {
  name: string;
  version: string;
  format: string;
  preload?: Preload;
  env?: Record<string, string>;
}

async function run({ name, version, format, preload = 'require', env = {} }: Run): Promise<Exit> {
  receiver.store.clear();
  const modules = await installedPackages(join(cacheDirectory('libraries'), `${name}-${version}`), { [name]: version });
  const exit = await runApp(`test/app/log-lines.${format}`, { args: [name, modules], receiver, preload, env }).waitForExit();
  expect(exit).toMatchObject({ code: 0 });
  return exit;
}

/** Times and ids of processes differ from run to run. */
function comparable(line: string): unknown {
  try {
    const { time: _time, pid: _pid, ...rest }: Record<string, unknown> = JSON.parse(line);
    return rest;
  } catch {
    return line;
  }
}

/** The line without what was added to it. */
function bare(line: string): string {
  const rest = FIELDS.reduce((text, key) => text.replace(new RegExp(`,?"${key}":"(?!mine)[^"]*"`), ''), line);
  // `format.simple()` prints the fields behind the text where there are any.
  return rest.replace(/\{,/, '{').replace(/ \{\}$/, '');
}

const linesOf = ({ stdout }: Exit) => stdout.split('\n').filter((line) => line !== '');
const said = (line: string) => /(inside|outside) \w+/.exec(line)?.[0] ?? '';

describe.each(LIBRARIES)('%s %s, %s', (name, version, format) => {
  let without: Exit;
  let exit: Exit;
  let fields: Record<string, string>;
  beforeAll(async () => {
    without = await run({ name, version, format, preload: 'none' });
    exit = await run({ name, version, format });
    const [span] = await receiver.store.waitFor(({ spans }) => spans.length > 0 && spans);
    fields = { trace_id: span?.traceId ?? '', span_id: span?.spanId ?? '', trace_flags: '03', correlation_id: 'order-12' };
  }, INSTALLING_MS);

  test('prints what it prints without us, and leaves the objects of the app as they are', () => {
    const own = linesOf(exit).map(bare).map(comparable);
    expect(own).toEqual(linesOf(without).map(comparable));
    expect(exit.stderr.replaceAll(/^\[sietch-otel\] .*\n/gm, '')).toBe(without.stderr);
  });

  test('each line within the trace has its fields, once; no other has', () => {
    const inside = linesOf(exit).filter((line) => said(line).startsWith('inside') && line.includes('{'));
    expect(inside.length).toBeGreaterThan(8);
    for (const line of inside) {
      const expected = said(line) === 'inside own' ? { ...fields, trace_id: 'mine' } : fields;
      for (const key of FIELDS) expect(line.split(`"${key}":"${expected[key]}"`).length, `${key} in ${line}`).toBe(2);
    }
    for (const line of linesOf(exit).filter((each) => said(each).startsWith('outside'))) {
      for (const key of FIELDS) if (said(line) !== 'outside own') expect(line).not.toContain(`"${key}"`);
    }
    expect(receiver.store.logs).toEqual([]);
  });

  test('records of what was written, with severity, body and attributes, where OTEL_LOGS_EXPORTER asks for them', async () => {
    const sent = await run({ name, version, format, env: { OTEL_LOGS_EXPORTER: 'otlp' } });
    expect(linesOf(sent).map(bare).map(comparable)).toEqual(linesOf(without).map(comparable));
    const expected = expectedRecords(name, version);
    const { logs, spans } = await receiver.store.waitFor(
      (store) =>
        store.logs.filter(({ body }) => String(body).startsWith('inside')).length >= expected.length && store.spans.length > 0 && store,
    );
    const span = spanNamed(spans, 'work');
    const inside = logs.filter(({ body }) => String(body).startsWith('inside'));
    expect(inside.map(summary)).toEqual(expected);
    for (const record of inside)
      expect(record).toMatchObject({ traceId: span.traceId, spanId: span.spanId, attributes: { correlation_id: 'order-12' } });
    for (const { attributes } of logs)
      for (const key of ['trace_id', 'span_id', 'trace_flags', 'level', 'message', 'msg']) expect(attributes).not.toHaveProperty(key);
    expect(allText(receiver.store)).not.toContain(CANARY);
  });
});

function summary({ body, severityText, severityNumber, attributes }: LogRecord): unknown[] {
  const { correlation_id: _id, 'exception.stacktrace': stack, name: _name, ...rest } = attributes;
  return [body, severityText, severityNumber, { ...rest, ...(stack === undefined ? {} : { stack: String(stack).split('\n')[0] }) }];
}

function expectedRecords(name: string, version: string): unknown[] {
  const order = { order: 7 };
  if (name === 'bunyan') {
    const error = { 'exception.type': 'TypeError', 'exception.message': 'inside failed', stack: 'TypeError: inside failed' };
    return [
      ['inside text', 'info', 9, {}],
      ['inside fields', 'warn', 13, order],
      ['inside own', 'info', 9, {}],
      ['inside format with 2 parts', 'debug', 5, {}],
      ['inside child', 'info', 9, { part: 'webhooks' }],
      ['inside simpleChild', 'info', 9, { part: 'webhooks' }],
      ['inside serializers', 'info', 9, { order: { id: 7 } }],
      ['inside failed', 'error', 17, error],
      ['inside level', 'fatal', 21, {}],
      ['inside ring', 'trace', 1, {}],
    ];
  }
  // Children came with 3.2, the stack of an error behind a text with 3.1.
  const isFirst = version === '3.0.0';
  const failed = { code: 'E_PAID', 'exception.type': 'TypeError', 'exception.message': 'inside failed', stack: 'TypeError: inside failed' };
  const tooFar = { 'exception.type': 'RangeError', 'exception.message': 'too far', stack: 'RangeError: too far' };
  return [
    ['inside text', 'info', 9, {}],
    ['inside meta', 'info', 9, order],
    ['inside object', 'warn', 13, order],
    ['inside leveled', 'error', 17, order],
    ['inside own', 'info', 9, order],
    ['inside child', 'info', 9, isFirst ? order : { part: 'webhooks', ...order }],
    ['inside splat with 2 parts', 'info', 9, isFirst ? { meta: order } : order],
    ['inside simple', 'info', 9, order],
    ['inside printf', 'info', 9, order],
    ['inside colored', 'info', 9, {}],
    ['inside levels', 'later', 9, {}],
    ['inside syslog', 'crit', 21, {}],
    ['inside masked', 'info', 9, { password: '***' }],
    ['inside ofTransports', 'debug', 5, {}],
    ['inside failed', 'error', 17, failed],
    isFirst ? ['inside metaError', 'error', 17, {}] : ['inside metaError too far', 'error', 17, tooFar],
    ['inside default', 'info', 9, { at: '1970-01-01T00:00:00.000Z', list: [1, { a: true }] }],
  ];
}

test('winston: lines of a transport that is behind keep their trace, and the exception that ends the process is sent', async () => {
  receiver.store.clear();
  const modules = await installedPackages(join(cacheDirectory('libraries'), 'winston-3.19.0'), { winston: '3.19.0' });
  const options = { args: [modules], receiver, env: { OTEL_LOGS_EXPORTER: 'otlp' } };
  const exit = await runApp('test/app/winston-late.cjs', options).waitForExit();
  const without = await runApp('test/app/winston-late.cjs', { ...options, preload: 'none' }).waitForExit();
  expect(exit.code).toBe(without.code);
  const lines = linesOf(exit).filter((line) => line.startsWith('{'));
  expect(lines.map(bare)).toEqual(linesOf(without).filter((line) => line.startsWith('{')));
  expect(lines).toHaveLength(80);
  const { logs, spans } = receiver.store;
  for (const name of ['first', 'second']) {
    const { traceId } = spanNamed(spans, name);
    expect(lines.filter((line) => line.includes(`"message":"${name}"`) && line.includes(traceId))).toHaveLength(40);
    expect(logs.filter((record) => record.body === name && record.traceId === traceId)).toHaveLength(40);
  }
  const [last] = logs.filter(({ body }) => String(body).startsWith('uncaughtException: the last'));
  expect(last).toMatchObject({ severityText: 'error', attributes: { 'exception.type': 'TypeError', 'exception.message': 'the last' } });
});
