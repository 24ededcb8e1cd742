// Starts and ends the runs of queries: span, duration record, slow-query report. Called by the patches of client and pool; contains its own errors.
import { type Attributes, type Context, type Counter, type Histogram, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { SettingsOf } from '../config/setting.js';
import { warn } from '../sdk/diagnostics.js';
import { BoundedCache } from './bounded-cache.js';
import { type ErrorFacts, readError } from './database-error.js';
import * as names from './names.js';
import type { PgClient } from './pg-internals.js';
import { QueryRun, type QueryShape } from './query-run.js';
import { countRows, type RowCounts } from './row-counts.js';
import type { pgSettings } from './settings.js';
import { describeSlowQuery, reportSlowQuery } from './slow-query.js';
import type { Commenter } from './sql-comment.js';
import { MAX_SANITIZED, readStatement, type Statement } from './statement.js';
import { readTarget, type Target } from './target.js';

export interface PgInstruments {
  readonly duration: Histogram;
  readonly slowQueries: Counter;
  readonly waitTime: Histogram;
  readonly createTime: Histogram;
}

/** What changes under the tracer: providers are set after it is made. */
export interface Telemetry {
  tracer(): Tracer;
  instruments(): PgInstruments;
}

interface ClientState {
  readonly target: Target;
  /** Milliseconds that whoever has the client waited for it; taken by the first query. */
  poolWaitMs: number | undefined;
}

const MAX_CACHED_TEXT = 4_096;
/** Shorter waits for a connection are no news: the idle one was taken. The histogram has them all. */
const MIN_SHOWN_WAIT_MS = 1;

export class QueryTracer {
  /** False after `disable()`: patches that could not be taken off do nothing then. */
  enabled = true;
  readonly settings: SettingsOf<typeof pgSettings>;
  readonly telemetry: Telemetry;
  readonly #commenter: Commenter;
  readonly #clients = new WeakMap<PgClient, ClientState>();
  readonly #shapes = new BoundedCache<string, QueryShape>(1_000);

  constructor(telemetry: Telemetry, commenter: Commenter, settings: SettingsOf<typeof pgSettings>) {
    this.telemetry = telemetry;
    this.#commenter = commenter;
    this.settings = settings;
  }

  /** Undefined when something of ours went wrong: the query runs on unobserved. */
  start(client: PgClient, text: unknown, name: unknown, context: Context, startedAt: number, bound: boolean): QueryRun | undefined {
    try {
      const state = this.#stateOf(client);
      const { poolWaitMs } = state;
      state.poolWaitMs = undefined;
      return this.#startRun(state.target, text, name, context, startedAt, bound, poolWaitMs);
    } catch (error) {
      contain(error);
      return undefined;
    }
  }

  /** Ends the run. `results` is pg's Result or an array of them, where there is one. */
  finish(run: QueryRun, error: unknown, results: unknown): void {
    if (run.ended) return;
    run.ended = true;
    try {
      const durationMs = performance.now() - run.startedAt;
      const facts = error === undefined ? undefined : readError(error);
      const attributes =
        facts === undefined ? run.shape.metricAttributes : { ...run.shape.metricAttributes, [names.ATTR_ERROR_TYPE]: facts.type };
      this.telemetry.instruments().duration.record(durationMs / 1000, attributes, run.context);
      const slow = this.settings.slowQueryMs > 0 && durationMs >= this.settings.slowQueryMs;
      const recording = run.span.isRecording();
      if (slow || recording) {
        const rows = results === undefined ? streamedRows(run) : countRows(results);
        if (recording) describeEnd(run, rows, facts);
        if (slow) this.#reportSlow(run, durationMs, rows, facts, attributes);
      }
      run.span.end();
    } catch (failure) {
      contain(failure);
    }
  }

  /** A query that came to its end before pg had it: the wait for a connection failed, or pg refused the call. */
  fail(target: Target, text: unknown, context: Context, startedAt: number, error: unknown): void {
    try {
      this.finish(this.#startRun(target, text, undefined, context, startedAt, false, undefined), error, undefined);
    } catch (failure) {
      contain(failure);
    }
  }

  /** The text to send for this run. */
  comment(run: QueryRun, text: string): string {
    const commented = this.#commenter.comment(text, run.shape.statement, run.span.spanContext(), run.context);
    this.#noteSent(run, text, commented);
    return commented;
  }

  /** The text to send under a name, also for what is not traced. */
  commentNamed(run: QueryRun | undefined, text: string): string {
    const commented = this.#commenter.commentNamed(text, readStatement(text));
    if (run !== undefined) this.#noteSent(run, text, commented);
    return commented;
  }

  targetOf(client: PgClient): Target {
    return this.#stateOf(client).target;
  }

  /** A caller got a connection of a pool. */
  acquired(client: PgClient, waitMs: number, context: Context): void {
    try {
      const state = this.#stateOf(client);
      state.poolWaitMs = waitMs;
      this.telemetry.instruments().waitTime.record(waitMs / 1000, state.target.poolAttributes, context);
    } catch (error) {
      contain(error);
    }
  }

  #startRun(
    target: Target,
    text: unknown,
    name: unknown,
    context: Context,
    startedAt: number,
    bound: boolean,
    poolWaitMs: number | undefined,
  ): QueryRun {
    const shape = this.#shapeOf(target, typeof text === 'string' ? text : '', typeof name === 'string' && name !== '' ? name : undefined);
    const span = this.telemetry.tracer().startSpan(shape.spanName, shape.spanOptions, context);
    return new QueryRun(shape, span, context, startedAt, bound, poolWaitMs);
  }

  #noteSent(run: QueryRun, text: string, sent: string): void {
    if (this.settings.commentPosition === 'leading') run.prefixLength = sent.length - text.length;
  }

  #reportSlow(run: QueryRun, durationMs: number, rows: RowCounts, facts: ErrorFacts | undefined, attributes: Attributes): void {
    this.telemetry.instruments().slowQueries.add(1, attributes, run.context);
    reportSlowQuery(describeSlowQuery(run, durationMs, rows, facts), run);
  }

  #stateOf(client: PgClient): ClientState {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const state: ClientState = { target: readTarget(client.connectionParameters), poolWaitMs: undefined };
    this.#clients.set(client, state);
    return state;
  }

  #shapeOf(target: Target, text: string, name: string | undefined): QueryShape {
    const known = this.#shapes.get(text);
    if (known !== undefined && known.target === target && known.name === name) return known;
    const shape = this.#createShape(target, text, name);
    if (text.length <= MAX_CACHED_TEXT) this.#shapes.set(text, shape);
    return shape;
  }

  #createShape(target: Target, text: string, name: string | undefined): QueryShape {
    const statement = readStatement(text);
    const { operation } = statement;
    const attributes: Attributes = { ...target.attributes, [names.ATTR_DB_OPERATION_NAME]: operation };
    const shown = this.#shownText(text, statement);
    if (shown !== '') attributes[names.ATTR_DB_QUERY_TEXT] = shown;
    if (name !== undefined) attributes[names.ATTR_PG_PLAN] = name;
    return {
      text,
      target,
      statement,
      name,
      spanName: `${names.SPAN_QUERY}:${name ?? operation}${target.database === undefined ? '' : ` ${target.database}`}`,
      spanOptions: { kind: SpanKind.CLIENT, attributes },
      metricAttributes: target.operationAttributes(operation),
    };
  }

  #shownText(text: string, statement: Statement): string {
    const { queryText } = this.settings;
    return queryText === 'off' ? '' : queryText === 'raw' ? text.slice(0, MAX_SANITIZED) : statement.sanitized;
  }
}

function streamedRows({ streamedRows: returned, taggedRows: affected }: QueryRun): RowCounts {
  return { returned: affected === undefined ? returned : undefined, affected };
}

function describeEnd(run: QueryRun, rows: RowCounts, error: ErrorFacts | undefined): void {
  const { span } = run;
  if (run.poolWaitMs !== undefined && run.poolWaitMs >= MIN_SHOWN_WAIT_MS) span.setAttribute(names.ATTR_POOL_WAIT, run.poolWaitMs / 1000);
  if (error !== undefined) {
    describeError(span, error);
    return;
  }
  if (rows.returned !== undefined) span.setAttribute(names.ATTR_DB_RESPONSE_RETURNED_ROWS, rows.returned);
  if (rows.affected !== undefined) span.setAttribute(names.ATTR_AFFECTED_ROWS, rows.affected);
}

/** SQLSTATE and class as attributes, status and exception event; the message of the error holds values and is left out. */
export function describeError(span: QueryRun['span'], error: ErrorFacts): void {
  span.setAttribute(names.ATTR_ERROR_TYPE, error.type);
  if (error.sqlState !== undefined) span.setAttribute(names.ATTR_DB_RESPONSE_STATUS_CODE, error.sqlState);
  const exception: Attributes = { 'exception.type': error.className };
  if (error.description === undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  else {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.description });
    exception['exception.message'] = error.description;
  }
  span.addEvent('exception', exception);
}

function contain(error: unknown): void {
  warn({ code: 'SIETCH040', message: `a query was not traced: ${error instanceof Error ? error.stack : String(error)}` });
}
