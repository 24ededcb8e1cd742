import { type Context, context, ROOT_CONTEXT, type SpanContext, TraceFlags } from '@opentelemetry/api';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commenterTagsOf, withCommenterTags } from '../../../src/context/commenter-tags.js';
import { Commenter, type CommentOptions, encodeTagValue } from '../../../src/observe/postgresql/sql-comment.js';
import { scanStatement } from '../../../src/observe/postgresql/statement.js';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const sampled: SpanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
const unsampled: SpanContext = { traceId, spanId, traceFlags: TraceFlags.NONE };
const traceparent = `traceparent='00-${traceId}-${spanId}-01'`;

function comment(text: string, options: Partial<CommentOptions> = {}, spanContext = sampled, active: Context = ROOT_CONTEXT): string {
  const commenter = new Commenter({ mode: 'traceparent', position: 'trailing', application: 'shop', ...options });
  return commenter.comment(text, scanStatement(text), spanContext, active);
}

test('off, static, traceparent and traceid', () => {
  expect(comment('SELECT 1', { mode: 'off' })).toBe('SELECT 1');
  expect(comment('SELECT 1', { mode: 'static' })).toBe("SELECT 1 /*application='shop'*/");
  expect(comment('SELECT 1')).toBe(`SELECT 1 /*application='shop',${traceparent}*/`);
  expect(comment('SELECT 1', { mode: 'traceid' })).toBe(`SELECT 1 /* traceId: ${traceId} */`);
});

test('leading, and after a line comment', () => {
  expect(comment('SELECT 1', { mode: 'static', position: 'leading' })).toBe("/*application='shop'*/ SELECT 1");
  expect(comment('SELECT 1 -- one', { mode: 'static' })).toBe("SELECT 1 -- one\n/*application='shop'*/");
});

test('a trace that is not recorded is not named', () => {
  expect(comment('SELECT 1', {}, unsampled)).toBe("SELECT 1 /*application='shop'*/");
  expect(comment('SELECT 1', { mode: 'traceid' }, unsampled)).toBe('SELECT 1');
});

test('no application, no tag', () => {
  expect(comment('SELECT 1', { application: '' })).toBe(`SELECT 1 /*${traceparent}*/`);
  expect(comment('SELECT 1', { application: '', mode: 'static' })).toBe('SELECT 1');
});

test('utility statements and unknown ones stay as they are', () => {
  for (const text of ['BEGIN', 'COMMIT', 'VACUUM', 'SET a = 1', 'SELEC 1', '']) expect(comment(text)).toBe(text);
});

test('a named statement has the same text each time', () => {
  const commenter = new Commenter({ mode: 'traceparent', position: 'trailing', application: 'shop' });
  const text = 'SELECT $1';
  expect(commenter.commentNamed(text, scanStatement(text))).toBe("SELECT $1 /*application='shop'*/");
  for (const mode of ['off', 'traceid'] as const) {
    expect(new Commenter({ mode, position: 'trailing', application: 'shop' }).commentNamed(text, scanStatement(text))).toBe(text);
  }
});

test('the work it is part of, sorted by key', () => {
  const active = withCommenterTags(withCommenterTags(ROOT_CONTEXT, { route: '/webhooks/:provider' }), { queue: 'webhooks', job: 'paddle' });
  expect(commenterTagsOf(active)).toEqual({ route: '/webhooks/:provider', queue: 'webhooks', job: 'paddle' });
  expect(comment('SELECT 1', {}, sampled, active)).toBe(
    `SELECT 1 /*application='shop',job='paddle',queue='webhooks',route='%2Fwebhooks%2F%3Aprovider',${traceparent}*/`,
  );
});

test('the route that a framework finds after the request has begun', () => {
  const metadata: Parameters<typeof setRPCMetadata>[1] = { type: RPCType.HTTP, span: { spanContext: () => sampled } as never };
  const active = setRPCMetadata(context.active(), metadata);
  expect(commenterTagsOf(active)).toEqual({});
  metadata.route = '/orders/:id';
  expect(commenterTagsOf(active)).toEqual({ route: '/orders/:id' });
});

test('values are short and from a bounded set', () => {
  const commenter = new Commenter({ mode: 'static', position: 'trailing', application: 'a'.repeat(500) });
  const statement = scanStatement('SELECT 1');
  expect(commenter.comment('SELECT 1', statement, sampled, ROOT_CONTEXT)).toBe(`SELECT 1 /*application='${'a'.repeat(100)}'*/`);
  for (let n = 0; n < 5_000; n++) commenter.comment('SELECT 1', statement, sampled, withCommenterTags(ROOT_CONTEXT, { queue: `q${n}` }));
});

test('no value can end the comment or the quotes, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), fc.string({ maxLength: 20 }), (route, application) => {
      const text = comment('SELECT 1', { application: `x${application}` }, sampled, withCommenterTags(ROOT_CONTEXT, { route }));
      expect(text).toMatch(/^SELECT 1 \/\*application='[\w.~%-]*',route='[\w.~%-]*',traceparent='[\w-]*'\*\/$/);
    }),
  );
});

test('values can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      expect(decodeURIComponent(encodeTagValue(value))).toBe(value);
    }),
  );
  expect(encodeTagValue('\uD800 half')).toBe('%EF%BF%BD%20half');
});
