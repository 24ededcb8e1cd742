// What is known of a slow statement: its text, its plan and who held it up, from the span, its events and its log records.
import type { Attributes, AttributeValue } from '../../telemetry.js';
import type { SpanItem } from './items.js';

export interface SlowStatement {
  readonly text: string;
  readonly milliseconds: number | undefined;
  readonly rows: string;
  readonly plan: string;
  readonly waitEvent: string;
  readonly stack: string;
  readonly blocker: Blocker | undefined;
}

/** The session that held it up. */
export interface Blocker {
  readonly pid: string;
  readonly traceId: string;
  readonly state: string;
  readonly milliseconds: number | undefined;
  readonly query: string;
}

const SLOW_QUERY = 'sietch.pg.slow_query';
const PLAN = 'sietch.pg.query_plan';
/** In 0.1 `blocked by trace …`. */
const BLOCKED = /^(?:sietch\.pg\.blocked$|blocked by )/;

/** Undefined for a span that is no slow statement. */
export function slowStatementOf({ span, logs }: SpanItem): SlowStatement | undefined {
  const events = span.events.filter(({ name }) => name === SLOW_QUERY || BLOCKED.test(name));
  const records = logs.filter(({ log }) => log.eventName === SLOW_QUERY || log.eventName === PLAN);
  if (events.length === 0 && records.length === 0) return undefined;
  const bags: Attributes[] = [...events.map(({ attributes }) => attributes), ...records.map(({ log }) => log.attributes), span.attributes];
  const text = (...names: readonly string[]): string => {
    for (const name of names) for (const bag of bags) if (Object.hasOwn(bag, name)) return plain(bag[name]);
    return '';
  };
  const number = (...names: readonly string[]): number | undefined => {
    const value = text(...names);
    return value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
  };
  const pid = text('sietch.pg.blocker.pid');
  return {
    text: text('db.query.text', 'db.statement'),
    milliseconds: number('sietch.duration_ms', 'duration_ms'),
    rows: text('db.response.returned_rows', 'sietch.pg.affected_rows'),
    plan: text('sietch.pg.plan'),
    waitEvent: text('sietch.pg.wait_event'),
    stack: text('code.stacktrace'),
    blocker:
      pid === ''
        ? undefined
        : {
            pid,
            traceId: text('sietch.pg.blocker.trace_id'),
            state: text('sietch.pg.blocker.state'),
            milliseconds: number('sietch.pg.blocker.since_ms'),
            query: text('sietch.pg.blocker.query'),
          },
  };
}

function plain(value: AttributeValue | undefined): string {
  return value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}
