// pino under the preload: the fields of the trace in each line of each kind of logger, once.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../../support/app.ts';
import { type Receiver, spanNamed, startReceiver } from '../../support/otlp.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

async function linesOf(file: string, options: AppOptions): Promise<Map<string, string>> {
  receiver.store.clear();
  const exit = await runApp(file, { receiver, ...options }).waitForExit();
  expect(exit.code).toBe(0);
  const lines = exit.stdout.split('\n').filter((line) => line.startsWith('{'));
  return new Map(lines.map((line) => [/"(?:inside|outside) \w+"/.exec(line)?.[0].slice(1, -1) ?? line, line]));
}

const KINDS = ['plain', 'child', 'nested', 'mixin', 'transport', 'multistream', 'destination', 'created', 'createdMixin'];

describe.each([
  ['test/app/loggers.cjs', 'require'],
  ['test/app/loggers.mjs', 'require'],
  ['test/app/loggers.mjs', 'import'],
] as const)('%s --%s', (file, preload) => {
  let lines: Map<string, string>;
  let fields: Record<string, unknown>;
  beforeAll(async () => {
    lines = await linesOf(file, { preload });
    const [span] = await receiver.store.waitFor(({ spans }) => spans.length > 0 && spans);
    fields = { trace_id: span?.traceId, span_id: span?.spanId, trace_flags: '03', correlation_id: 'order-12' };
  });

  test.each(KINDS)('%s', (kind) => {
    const outside = JSON.parse(lines.get(`outside ${kind}`) ?? '');
    for (const key of Object.keys(fields)) if (kind !== 'mixin') expect(outside).not.toHaveProperty(key);
    const inside = lines.get(`inside ${kind}`) ?? '';
    // The app's own mixin has the last word, as in upstream.
    const expected = kind === 'mixin' ? { ...fields, trace_flags: 'mine', tenant: 'acme' } : fields;
    const parsed = JSON.parse(inside);
    expect(kind === 'nested' ? parsed.fields : parsed).toMatchObject({ ...expected, order: 7 });
    for (const key of Object.keys(fields)) expect(inside.split(`"${key}"`).length, `${key} once in ${inside}`).toBe(2);
  });

  test('fields spread by the app are there once; a text alone has them too', () => {
    const line = lines.get('inside spread') ?? '';
    expect(JSON.parse(line)).toMatchObject({ ...fields, order: 7 });
    for (const key of Object.keys(fields)) expect(line.split(`"${key}"`).length).toBe(2);
    expect(JSON.parse(lines.get('inside text') ?? '')).toMatchObject({ ...fields, level: 40 });
  });
});

test('lines are sent only when OTEL_LOGS_EXPORTER asks for it, with their trace', async () => {
  const lines = await linesOf('test/app/loggers.cjs', { env: { OTEL_LOGS_EXPORTER: 'otlp' } });
  const { spans, logs } = await receiver.store.waitFor((store) => store.logs.length >= lines.size && store.spans.length > 0 && store);
  const record = logs.find((log) => log.body === 'inside plain');
  const span = spanNamed(spans, 'work');
  expect(record).toMatchObject({ traceId: span.traceId, spanId: span.spanId, severityText: 'info' });
  expect(record?.attributes).toMatchObject({ order: 7, correlation_id: 'order-12' });
  expect(record?.attributes).not.toHaveProperty('trace_id');
  expect(lines.get('inside plain')).toContain(span.traceId);
});

test('without OTEL_LOGS_EXPORTER nothing is sent', async () => {
  await linesOf('test/app/loggers.cjs', {});
  expect(receiver.store.logs).toEqual([]);
});
