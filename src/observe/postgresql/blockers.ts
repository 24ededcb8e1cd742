// Finds the session that blocks a query: while the query is slow and still runs, the server is
// asked on a connection of our own what it waits for, and the comment in the blocker's last
// statement names the blocker's trace. Each query is asked about once, never more than five in a
// second.
import { type Counter, TraceFlags } from '@opentelemetry/api';
import { HAS_NAMES_OF_0_1 } from '../../config/renamed-names.js';
import { type Blocker, blockerAttributes } from './blocker.js';
import * as names from './names.js';
import type { QueryRun } from './query-run.js';
import type { Row, SideConnections } from './side-connections.js';
import { readStatement } from './statement.js';

const MIN_GAP_MS = 200;
const MIN_SWEEP_MS = 20;
const BLOCKED_BY = 'blocked_by';

const QUESTION = `
SELECT waiting.wait_event_type || ':' || waiting.wait_event AS wait_event, blocker.pid AS pid, session.state AS state, session.query AS query,
  extract(epoch FROM clock_timestamp() - session.xact_start) * 1000 AS since_ms
FROM pg_stat_activity AS waiting
LEFT JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker(pid) ON true
LEFT JOIN pg_stat_activity AS session ON session.pid = blocker.pid
WHERE waiting.pid = $1
LIMIT 1`;

export interface BlockersParts<Client> {
  readonly sides: SideConnections<Client>;
  readonly slowMs: number;
  counter(): Counter;
}

export class Blockers<Client> {
  readonly #parts: BlockersParts<Client>;
  /** Oldest first. */
  readonly #running = new Set<QueryRun<Client>>();
  #timer: NodeJS.Timeout | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(parts: BlockersParts<Client>) {
    this.#parts = parts;
  }

  watch(run: QueryRun<Client>): void {
    this.#running.add(run);
    this.#timer ??= setInterval(() => this.#sweep(), Math.max(MIN_SWEEP_MS, this.#parts.slowMs / 2)).unref();
  }

  forget(run: QueryRun<Client>): void {
    this.#running.delete(run);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#running.clear();
  }

  #sweep(): void {
    const now = performance.now();
    if (this.#running.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const run of this.#running) {
      if (now - run.startedAt < this.#parts.slowMs) return;
      if (run.asked) continue;
      if (this.#parts.sides.busy || now - this.#lastAt < MIN_GAP_MS) return;
      this.#lastAt = now;
      run.asked = true;
      this.#ask(run);
    }
  }

  #ask(run: QueryRun<Client>): void {
    const { client } = run;
    const pid = client === undefined ? undefined : this.#parts.sides.pidOf(client);
    if (client === undefined || pid === undefined) return;
    this.#parts.sides
      .ask(client, (side) => side.query({ text: QUESTION, values: [pid] }))
      .then(
        ([row]) => {
          this.#count('ok');
          if (row !== undefined && !run.ended) reportBlocker(run, row);
        },
        () => this.#count('failed'),
      );
  }

  #count(outcome: 'ok' | 'failed'): void {
    this.#parts.counter().add(1, { [names.ATTR_PURPOSE]: 'blockers', [names.ATTR_OUTCOME]: outcome });
  }
}

function reportBlocker(run: QueryRun, row: Row): void {
  const { wait_event: waitEvent, pid } = row;
  if (typeof waitEvent === 'string') run.span.setAttribute(names.ATTR_WAIT_EVENT, waitEvent);
  if (typeof pid !== 'number') return;
  const blocker = readBlocker(pid, row);
  run.blocker = blocker;
  const { traceId, spanId } = blocker;
  const name = HAS_NAMES_OF_0_1 ? `blocked by ${traceId === undefined ? `pid ${pid}` : `trace ${traceId}`}` : names.EVENT_BLOCKED;
  run.span.addEvent(name, blockerAttributes(blocker));
  if (traceId === undefined || spanId === undefined) return;
  run.span.addLink({
    context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true },
    attributes: { [names.ATTR_LINK_REASON]: BLOCKED_BY },
  });
}

function readBlocker(pid: number, { state, query, since_ms: sinceMs }: Row): Blocker {
  const text = typeof query === 'string' ? query : '';
  const traceparent = lastMatch(/traceparent='00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}'/g, text);
  const traceId = traceparent?.[1] ?? lastMatch(/\/\* traceId: ([0-9a-f]{32}) \*\//g, text)?.[1];
  return {
    pid,
    traceId,
    spanId: traceparent?.[2],
    state: typeof state === 'string' ? state : undefined,
    sinceMs: sinceMs === null || sinceMs === undefined ? undefined : Math.round(Number(sinceMs)),
    text: text === '' ? undefined : readStatement(text).sanitized,
  };
}

function lastMatch(pattern: RegExp, text: string): RegExpMatchArray | undefined {
  return [...text.matchAll(pattern)].at(-1);
}
