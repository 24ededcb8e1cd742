// What the page makes of a trace before it draws it.
import { expect, test } from 'vitest';
import { apiLog, apiSpan } from '../../../src/view/api-trace.js';
import { ancestorsOf, visibleRows } from '../../../src/view/page/trace/rows.js';
import { slowStatementOf } from '../../../src/view/page/trace/slow-statement.js';
import { buildTimeline, type Timeline } from '../../../src/view/page/trace/timeline.js';
import { scale, shift, ticksOf } from '../../../src/view/page/trace/zoom.js';
import type { LogRecord, Span } from '../../../src/view/telemetry.js';
import { makeLog, makeSpan, spanId, TRACE_ID } from '../spans.ts';

const JOB = { 'messaging.destination.name': 'webhooks', 'messaging.message.id': '7' };

function timelineOf(spans: readonly Span[], logs: readonly LogRecord[] = []): Promise<Timeline> {
  const facts = { traceId: TRACE_ID, name: '', service: '', services: [], route: '', startTimeUnixNano: '0', durationMs: 0 };
  const counts = { spanCount: spans.length, logCount: logs.length, errorCount: 0 };
  return buildTimeline({ ...facts, ...counts, spans: spans.map(apiSpan), logs: logs.map((log, index) => apiLog(log, index)) });
}

/** `name from-to` in milliseconds, of each part of the critical path. */
function criticalOf(timeline: Timeline): string[] {
  const parts = [...timeline.spans.values()].flatMap(({ span, critical }) =>
    critical.map(({ from, to }) => ({ name: span.name, from, to })),
  );
  return parts.sort((one, other) => one.from - other.from).map(({ name, from, to }) => `${name} ${from / 1e6}-${to / 1e6}`);
}

function waitsOf(timeline: Timeline, id: string): string[] {
  return (timeline.spans.get(spanId(id))?.waits ?? []).map(({ title, from, to }) => `${title} ${from / 1e6}-${to / 1e6}`);
}

/** The rows, indented by their depth. */
function drawn(timeline: Timeline, folded: readonly string[] = []): string[] {
  return visibleRows(timeline, new Set(folded.map(spanId)), true).map((row) => {
    const text = row.kind === 'log' ? `log ${row.entry.log.body}` : row.item.kind === 'span' ? row.item.span.name : row.item.title;
    return `${'  '.repeat(row.depth)}${text}`;
  });
}

// POST      |██████████          |   answers at 50, waited for B, not for A which runs beside it
// ├─ A      | ███                |
// ├─ B      |   █████            |
// └─ send   |         █          |
//    └─ job |             ███████|   ends the trace
test('the critical path is what the end of the trace waited for, jobs after the answer included', async () => {
  const timeline = await timelineOf([
    makeSpan('1', '', 'POST', 0, 50),
    makeSpan('2', '1', 'A', 5, 20),
    makeSpan('3', '1', 'B', 15, 40),
    makeSpan('4', '1', 'send', 45, 48, { kind: 'PRODUCER' }),
    makeSpan('5', '4', 'job', 65, 100, { kind: 'CONSUMER' }),
  ]);
  expect(criticalOf(timeline)).toEqual(['POST 0-15', 'B 15-40', 'POST 40-45', 'send 45-48', 'job 65-100']);
});

test('spans that are each other’s parents, and thousands below one another, are drawn', async () => {
  const circle = [makeSpan('1', '2', 'one', 0, 2), makeSpan('2', '1', 'two', 1, 2)];
  expect(drawn(await timelineOf(circle))).toHaveLength(2);
  const deep = Array.from({ length: 20_000 }, (_, index) =>
    makeSpan(String(index + 1), index === 0 ? '' : String(index), 'deep', index, 20_001),
  );
  const timeline = await timelineOf(deep);
  expect(visibleRows(timeline, new Set(), true).length).toBe(20_000);
  expect(ancestorsOf(timeline, spanId('20000'))).toHaveLength(19_999);
});

test('waits are named: in the queue, delayed, until the next attempt, for a connection', async () => {
  const attempt = (number: number) => ({ ...JOB, 'sietch.queue.job.attempt': number });
  const timeline = await timelineOf([
    makeSpan('1', '', 'send', 0, 10, { kind: 'PRODUCER' }),
    makeSpan('2', '1', 'process', 1_210, 1_300, { kind: 'CONSUMER', attributes: { ...attempt(1), 'sietch.queue.job.wait': 1 } }),
    makeSpan('3', '1', 'process', 1_500, 1_600, { kind: 'CONSUMER', attributes: attempt(2) }),
    makeSpan('4', '3', 'SELECT', 1_550, 1_560, { kind: 'CLIENT', attributes: { 'sietch.pg.pool.wait': 0.02 } }),
    makeSpan('5', '', 'send', 0, 10, { kind: 'PRODUCER' }),
    makeSpan('6', '5', 'of another library', 40, 50, { kind: 'CONSUMER' }),
  ]);
  expect(waitsOf(timeline, '2')).toEqual(['delayed 10-210', 'waiting in queue 210-1210']);
  expect(waitsOf(timeline, '3')).toEqual(['waiting for attempt 2 1300-1500']);
  expect(waitsOf(timeline, '4')).toEqual(['waiting for a connection 1530-1550']);
  expect(waitsOf(timeline, '6')).toEqual(['waiting in queue 10-40']);
});

test('attempts of one job stand together; what is folded is away; log records stand below their span', async () => {
  const spans = [
    makeSpan('1', '', 'send', 0, 1, { kind: 'PRODUCER' }),
    makeSpan('2', '1', 'process', 2, 3, { kind: 'CONSUMER', attributes: JOB }),
    makeSpan('3', '1', 'other', 2.5, 3),
    makeSpan('4', '1', 'process', 4, 5, { kind: 'CONSUMER', attributes: { ...JOB, 'sietch.queue.job.outcome': 'dead' } }),
    makeSpan('5', '4', 'GET', 4, 5),
  ];
  const timeline = await timelineOf(spans, [makeLog('2', 'failed', 3), makeLog('99', 'of nobody', 4)]);
  const group = '2 attempts of one job of webhooks, at last dead';
  expect(drawn(timeline)).toEqual([
    'send',
    `  ${group}`,
    '    process',
    '      log failed',
    '    process',
    '      GET',
    '  other',
    'log of nobody',
  ]);
  expect(drawn(timeline, ['4'])).toEqual([
    'send',
    `  ${group}`,
    '    process',
    '      log failed',
    '    process',
    '  other',
    'log of nobody',
  ]);
});

test('a slow statement has its plan and its blocker from wherever they stand', async () => {
  const event = {
    name: 'sietch.pg.blocked',
    timeUnixNano: 0n,
    attributes: { 'sietch.pg.blocker.pid': 41, 'sietch.pg.blocker.state': 'idle in transaction' },
  };
  const logs = [
    makeLog('1', 'slow query', 1, {
      eventName: 'sietch.pg.slow_query',
      attributes: { 'sietch.duration_ms': 120.5, 'db.query.text': 'SELECT ?' },
    }),
    makeLog('1', 'plan', 1, { eventName: 'sietch.pg.query_plan', attributes: { 'sietch.pg.plan': 'Seq Scan on orders' } }),
  ];
  const timeline = await timelineOf([makeSpan('1', '', 'SELECT', 0, 120, { events: [event] }), makeSpan('2', '', 'fast', 0, 1)], logs);
  const [slow, fast] = [...timeline.spans.values()].map(slowStatementOf);
  expect(slow).toMatchObject({
    text: 'SELECT ?',
    milliseconds: 120.5,
    plan: 'Seq Scan on orders',
    blocker: { pid: '41', state: 'idle in transaction' },
  });
  expect(fast).toBeUndefined();
});

test('the axis has round marks, and stays within the trace when it is zoomed and moved', () => {
  expect(ticksOf({ from: 0, to: 470e6 }, 6).ticks.map((at) => at / 1e6)).toEqual([0, 100, 200, 300, 400]);
  expect(scale({ from: 0, to: 100_000 }, 0.5, 100_000, 0)).toEqual({ from: 0, to: 50_000 });
  expect(scale({ from: 20_000, to: 40_000 }, 100, 100_000)).toEqual({ from: 0, to: 100_000 });
  expect(shift({ from: 60_000, to: 90_000 }, 1, 100_000)).toEqual({ from: 70_000, to: 100_000 });
});
