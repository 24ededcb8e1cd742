// Who called a statement that is slow again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Exit, runApp } from '../../support/app.ts';
import { allText, type Receiver, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

let receiver: Receiver;
let exit: Exit;
beforeAll(async () => {
  receiver = await startReceiver();
  const env = { OTEL_LOGS_EXPORTER: 'otlp', SIETCH_OTEL_DB_ROOT_SPANS: 'all', SIETCH_OTEL_PG_SLOW_QUERY_MS: '150' };
  exit = await runApp('test/app/pg-callers.js', { args: [await freshDatabase()], receiver, env }).waitForExit();
  expect(exit.code, exit.stderr).toBe(0);
});
afterAll(() => receiver.close());

const SHAPE = 'SELECT pg_sleep(?), ?';
const stacksOf = (text: string) =>
  receiver.store.spans
    .filter(({ attributes }) => attributes['db.query.text'] === text)
    .map(({ attributes }) => attributes['code.stacktrace']);

test('is on the span of each later run: function, file and line, through promises and pools', () => {
  const [first, ...later] = stacksOf(SHAPE);
  expect(first).toBeUndefined();
  expect(later).toHaveLength(3);
  for (const stack of later) {
    expect(stack).toMatch(
      /at loadInvoice \(.*test\/app\/pg-callers\.js:\d+:\d+\)\nat handleRequest \(.*pg-callers\.js:\d+:\d+\)\nat async main \(/,
    );
    // Neither ours nor Node's.
    expect(stack).not.toMatch(/dist\/|node:|anonymous/);
  }
});

test('is in the record and told to the listeners', () => {
  const records = receiver.store.logs.filter(({ attributes }) => attributes['db.query.text'] === SHAPE);
  expect(records.map(({ attributes }) => typeof attributes['code.stacktrace'])).toEqual(['undefined', 'string', 'string', 'string']);
  const told = exit.stdout.split('\n').filter((line) => line.startsWith('{'));
  expect(told.map((line) => typeof JSON.parse(line).callerStack)).toEqual(['object', 'string', 'string', 'string', 'object']);
});

test('is on no other span, and changes nothing that the app sees', () => {
  for (const text of ['SELECT pg_sleep(?)', 'SELECT ?']) for (const stack of stacksOf(text)) expect(stack).toBeUndefined();
  expect(exit.stdout).toContain('limit kept');
  expect(exit.stdout + exit.stderr + allText(receiver.store)).not.toContain('secret');
});
