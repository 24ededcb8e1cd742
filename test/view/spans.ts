// Makes spans and log records for tests of what is shown.

import type { LogRecord, Span } from '../../src/view/telemetry.js';

export const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const START = 1_700_000_000_000_000_000n;

/** A span from `startMs` to `endMs` after a fixed moment. Its id is made of `id`, padded with zeros. */
export function makeSpan(id: string, parent: string, name: string, startMs: number, endMs: number, more: Partial<Span> = {}): Span {
  return {
    service: 'api',
    resource: { 'service.name': 'api' },
    resourceSchemaUrl: '',
    scope: { name: 'test', version: '', schemaUrl: '', attributes: {} },
    traceId: TRACE_ID,
    spanId: spanId(id),
    parentSpanId: parent === '' ? '' : spanId(parent),
    traceState: '',
    flags: 1,
    name,
    kind: 'INTERNAL',
    startTimeUnixNano: START + BigInt(Math.round(startMs * 1e6)),
    endTimeUnixNano: START + BigInt(Math.round(endMs * 1e6)),
    attributes: {},
    events: [],
    links: [],
    status: { code: 'UNSET', message: '' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...more,
  };
}

export function makeLog(span: string, body: string, atMs: number, more: Partial<LogRecord> = {}): LogRecord {
  return {
    service: 'api',
    resource: { 'service.name': 'api' },
    resourceSchemaUrl: '',
    scope: { name: 'test', version: '', schemaUrl: '', attributes: {} },
    timeUnixNano: START + BigInt(Math.round(atMs * 1e6)),
    observedTimeUnixNano: START,
    severityNumber: 9,
    severityText: 'INFO',
    body,
    eventName: '',
    attributes: {},
    traceId: TRACE_ID,
    spanId: spanId(span),
    flags: 1,
    ...more,
  };
}

export function spanId(id: string): string {
  return id.padStart(16, '0');
}
