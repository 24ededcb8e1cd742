// The plan of a slow statement, asked for after it has ended: EXPLAIN without ANALYZE, so it does
// not run again, in a read-only transaction on a connection of our own, never inside the app's.
// Each text once in ten minutes, one at a time, never more than one in two seconds.
import { type Counter, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { logEvent } from '../../logging/event-log.js';
import { BoundedCache } from '../bounded-cache.js';
import type { ErrorFacts } from './database-error.js';
import * as names from './names.js';
import { formatPlan } from './plan.js';
import type { QueryRun } from './query-run.js';
import type { SideConnection, SideConnections } from './side-connections.js';
import type { Statement } from './statement.js';

const AGAIN_AFTER_MS = 600_000;
const MIN_GAP_MS = 2_000;
/** GENERIC_PLAN, for statements with parameters, is new in PostgreSQL 16. */
const GENERIC_PLAN_SINCE = 160_000;
const SYNTAX_ERROR_CLASS = '42';
const GUARDS = 'BEGIN READ ONLY; SET LOCAL statement_timeout = 1000; SET LOCAL lock_timeout = 100';

export interface ExplainParts<Client> {
  readonly sides: SideConnections<Client>;
  counter(): Counter;
  tracer(): Tracer;
}

export class Explain<Client> {
  readonly #parts: ExplainParts<Client>;
  readonly #explainedAt = new BoundedCache<string, number>(500);
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(parts: ExplainParts<Client>) {
    this.#parts = parts;
  }

  /**
   * Asks for the plan of a run that was slow, unless it may not be asked for or it is not its turn.
   * Returns at once and never throws.
   */
  consider(run: QueryRun<Client>, error: ErrorFacts | undefined): void {
    const { text, statement } = run.shape;
    const now = performance.now();
    if (run.client === undefined || !mayBeExplained(statement, error)) return;
    if (now - (this.#explainedAt.get(text) ?? Number.NEGATIVE_INFINITY) < AGAIN_AFTER_MS) return;
    if (this.#parts.sides.full || now - this.#lastAt < MIN_GAP_MS) {
      this.#count('skipped');
      return;
    }
    this.#lastAt = now;
    this.#explainedAt.set(text, now);
    this.#parts.sides
      .ask(run.client, (side) => askPlan(side, text, statement.parameters))
      .then(
        (plan) => this.#reportPlan(run, plan),
        () => this.#count('failed'),
      );
  }

  #reportPlan(run: QueryRun<Client>, plan: string | undefined): void {
    if (plan === undefined) {
      this.#count('skipped');
      return;
    }
    this.#count('ok');
    const { shape } = run;
    const parent = trace.setSpan(run.context, run.span);
    const attributes = { ...shape.target.attributes, [names.ATTR_DB_QUERY_TEXT]: shape.statement.sanitized, [names.ATTR_QUERY_PLAN]: plan };
    this.#parts.tracer().startSpan(names.SPAN_EXPLAIN, { kind: SpanKind.INTERNAL, attributes }, parent).end();
    logEvent({ level: 'info', name: names.EVENT_QUERY_PLAN, message: 'plan of a slow query', attributes, context: parent });
  }

  #count(outcome: 'ok' | 'failed' | 'skipped'): void {
    this.#parts.counter().add(1, { [names.ATTR_PURPOSE]: 'explain', [names.ATTR_OUTCOME]: outcome });
  }
}

/**
 * Only one complete statement may be: what follows a semicolon would be run, not explained. That is
 * known twice: by our own scan, and because the server takes only one statement by the protocol
 * used here; with parameters, by the one the app used, if it did not refuse the text.
 */
function mayBeExplained(statement: Statement, error: ErrorFacts | undefined): boolean {
  if (!statement.commentable || statement.count !== 1) return false;
  return error === undefined || (error.sqlState !== undefined && !error.sqlState.startsWith(SYNTAX_ERROR_CLASS));
}

/** Undefined when this server cannot plan a statement with parameters. */
async function askPlan(side: SideConnection, text: string, parameters: number): Promise<string | undefined> {
  if (parameters > 0) {
    const [row] = await side.query({ text: 'SHOW server_version_num' });
    if (Number(row?.['server_version_num']) < GENERIC_PLAN_SINCE) return undefined;
  }
  const options = parameters > 0 ? 'FORMAT JSON, GENERIC_PLAN' : 'FORMAT JSON';
  await side.query({ text: GUARDS });
  try {
    // By the extended protocol parameters would need values, and the plan would be made for these.
    const [row] = await side.query({ text: `EXPLAIN (${options}) ${text}`, extended: parameters === 0 });
    return formatPlan(row?.['QUERY PLAN']);
  } finally {
    await side.query({ text: 'ROLLBACK' });
  }
}
