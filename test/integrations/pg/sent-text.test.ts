// The text that the server gets, in each way to send a query. The server is asked: pg_stat_activity.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { type Receiver, spanNamed, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

const TEXT = 'SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()';
const UNTOUCHED = ['suppressed', 'begin', 'rollback', 'copy'];

interface Seen {
  receiver: Receiver;
  /** What the server got, by form; ids of the form's own query span are written as {trace} and {span}. */
  text(form: string): string;
  forms: string[];
}

let url: string;
const receivers: Receiver[] = [];
beforeAll(async () => {
  url = await freshDatabase();
});
afterAll(async () => {
  for (const receiver of receivers) await receiver.close();
});

async function run(env: Record<string, string>): Promise<Seen> {
  const receiver = await startReceiver();
  receivers.push(receiver);
  const app = runApp('test/app/pg-comments.js', { args: [url], receiver, env: { OTEL_SERVICE_NAME: 'the shop', ...env } });
  const exit = await app.waitForExit(30_000);
  expect(exit.code, exit.stderr).toBe(0);
  const texts = new Map<string, string>();
  for (const line of exit.stdout.trim().split('\n')) {
    const [, form = '', text = ''] = /^([^:]+): (.*)$/.exec(line) ?? [];
    texts.set(form, JSON.parse(text));
  }
  const text = (form: string): string => {
    const sent = texts.get(form) ?? '';
    const parent = receiver.store.spans.find(({ name }) => name === form);
    const span = receiver.store.spans.find(({ parentSpanId }) => parent !== undefined && parentSpanId === parent.spanId);
    return span === undefined ? sent : sent.replace(span.traceId, '{trace}').replace(span.spanId, '{span}');
  };
  return { receiver, text, forms: [...texts.keys()] };
}

const APPLICATION = "application='the%20shop'";
const TRACE = "traceparent='00-{trace}-{span}-01'";

describe('by default', () => {
  let seen: Seen;
  beforeAll(async () => {
    seen = await run({});
  });

  test.each(['string', 'config', 'callback', 'pool.query', 'Query', 'cursor', 'stream'])('%s carries the ids of its own span', (form) => {
    expect(seen.text(form)).toBe(`${TEXT} /*${APPLICATION},${TRACE}*/`);
  });

  test('so do a statement with values, one with comments, with the marks of one in a literal, and two at once', () => {
    expect(seen.text('values')).toBe(`${TEXT} AND $1 /*${APPLICATION},${TRACE}*/`);
    expect(seen.text('with a comment')).toBe(`/* mine */ ${TEXT} -- and mine\n/*${APPLICATION},${TRACE}*/`);
    expect(seen.text('with dashes in a literal')).toBe(`${TEXT} AND '--/*' <> '*/'\n/*${APPLICATION},${TRACE}*/`);
    expect(seen.text('two statements')).toBe(`${TEXT}; SELECT 2; /*${APPLICATION},${TRACE}*/`);
  });

  test.each(['named', 'named again', 'named, suppressed', 'named first while suppressed', 'named then'])(
    'a named statement has the same text each time: %s',
    (form) => expect(seen.text(form)).toBe(`${TEXT} /*${APPLICATION}*/`),
  );

  test('utility statements and what is not traced stay as they are', () => {
    expect(UNTOUCHED.map(seen.text)).toEqual([TEXT, 'BEGIN', 'ROLLBACK', 'COPY (SELECT 1) TO STDOUT']);
    // A context without tracing (BullMQ on PostgreSQL) makes no span either.
    const parent = spanNamed(seen.receiver.store.spans, 'suppressed');
    expect(seen.receiver.store.spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId)).toEqual([]);
  });

  test('the span has the text without the comment', () => {
    const texts = seen.receiver.store.spans.map(({ attributes }) => String(attributes['db.query.text'] ?? ''));
    expect(texts.filter((text) => text.includes('traceparent') || text.includes('mine'))).toEqual([]);
  });
});

test('leading', async () => {
  const seen = await run({ SIETCH_OTEL_PG_COMMENT_POSITION: 'leading' });
  for (const form of ['string', 'pool.query', 'cursor', 'stream']) expect(seen.text(form)).toBe(`/*${APPLICATION},${TRACE}*/ ${TEXT}`);
  expect(seen.text('named again')).toBe(`/*${APPLICATION}*/ ${TEXT}`);
  expect(UNTOUCHED.map(seen.text)).toEqual([TEXT, 'BEGIN', 'ROLLBACK', 'COPY (SELECT 1) TO STDOUT']);
});

test('the form of the trace id alone', async () => {
  const seen = await run({ SIETCH_OTEL_PG_COMMENT: 'traceid' });
  for (const form of ['string', 'pool.query', 'cursor', 'stream']) expect(seen.text(form)).toBe(`${TEXT} /* traceId: {trace} */`);
  expect(seen.text('named again')).toBe(TEXT);
});

test('static tags, and what an unsampled trace sends: the same', async () => {
  for (const env of [{ SIETCH_OTEL_PG_COMMENT: 'static' }, { OTEL_TRACES_SAMPLER: 'always_off' }]) {
    const seen = await run(env);
    for (const form of ['string', 'pool.query', 'cursor', 'named']) expect(seen.text(form)).toBe(`${TEXT} /*${APPLICATION}*/`);
  }
});

test('off', async () => {
  const seen = await run({ SIETCH_OTEL_PG_COMMENT: 'off' });
  for (const form of seen.forms) expect(seen.text(form)).not.toMatch(/application=|traceparent|traceId/);
});
