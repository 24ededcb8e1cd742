// Starts and ends the runs of queries: span, duration record, slow-query report. Called by the
// patches of client and pool; contains its own errors.
import { type Attributes, type Context, type SpanContext, trace } from '@opentelemetry/api';
import type { SettingsOf } from '../../config/setting.js';
import { warn } from '../../diagnose/diagnostics.js';
import { Callers, type TracerSource } from '../../observe/caller.js';
import { EventLoopBlocks } from '../../observe/event-loop-blocks.js';
import { LogLimit } from '../../observe/log-limit.js';
import { epochMillis, pastEpochMillis } from '../../sdk/trace/span-time.js';
import type { Blockers } from './blockers.js';
import { type ErrorFacts, readError } from './database-error.js';
import type { Explain } from './explain.js';
import type { PgInstruments } from './instruments.js';
import type { PgClient } from './pg-internals.js';
import { describeEnd, isShownWait, rowAttributes, rowsOf } from './query-end.js';
import { QueryRun } from './query-run.js';
import { QueryShapes } from './query-shape.js';
import type { RowCounts } from './row-counts.js';
import type { pgSettings } from './settings.js';
import { describeSlowQuery, reportSlowQuery, type SlowTime } from './slow-query-report.js';
import type { Commenter } from './sql-comment.js';
import { readStatement } from './statement.js';
import { readTarget, type Target } from './target.js';

/** Tracer and instruments, which change: providers are set after the query tracer is made. */
export interface Telemetry extends TracerSource {
  instruments(): PgInstruments;
}

export interface QueryTracerParts {
  readonly telemetry: Telemetry;
  readonly commenter: Commenter;
  readonly settings: SettingsOf<typeof pgSettings>;
  readonly explain?: Explain | undefined;
  readonly blockers?: Blockers | undefined;
}

interface ClientState {
  readonly target: Target;
  /** Milliseconds that the client's holder waited for it; taken by the first query. */
  poolWaitMs: number | undefined;
}

/** All that a comment shows of a trace that is not sampled. */
const UNSAMPLED: SpanContext = { traceId: '', spanId: '', traceFlags: 0 };

export class QueryTracer {
  readonly settings: SettingsOf<typeof pgSettings>;
  readonly telemetry: Telemetry;
  readonly #commenter: Commenter;
  readonly #explain: Explain | undefined;
  readonly #blockers: Blockers | undefined;
  readonly #slowMs: number;
  /** Undefined when nothing is slow by the settings. */
  readonly #loopBlocks: EventLoopBlocks | undefined;
  readonly #slowLog = new LogLimit();
  readonly #shapes: QueryShapes;
  readonly #callers: Callers;
  readonly #clients = new WeakMap<PgClient, ClientState>();

  constructor({ telemetry, commenter, settings, explain, blockers }: QueryTracerParts) {
    this.telemetry = telemetry;
    this.#callers = new Callers(telemetry, false);
    this.settings = settings;
    this.#commenter = commenter;
    this.#explain = explain;
    this.#blockers = blockers;
    this.#slowMs = settings.slowQueryMs === 0 ? Number.POSITIVE_INFINITY : settings.slowQueryMs;
    this.#loopBlocks = settings.slowQueryMs === 0 ? undefined : new EventLoopBlocks(settings.slowQueryMs);
    this.#shapes = new QueryShapes(settings.queryText);
  }

  /** Undefined when something of ours went wrong: the query runs on unobserved. */
  start(client: PgClient, text: unknown, name: unknown, context: Context, startedAt: number, bound: boolean): QueryRun | undefined {
    try {
      const state = this.#stateOf(client);
      const shape = this.#shapes.of(
        state.target,
        typeof text === 'string' ? text : '',
        typeof name === 'string' && name !== '' ? name : undefined,
      );
      const deferred = shape.span.shape === undefined ? undefined : this.#callers.of(context).deferred;
      const span = deferred ?? this.telemetry.tracer().startSpan(shape.span.name, shape.span.options, context);
      const startMs = deferred?.isSampled === true ? epochMillis(startedAt) : 0;
      const run = new QueryRun(shape, span, context, startedAt, startMs, bound, client);
      run.poolWaitMs = state.poolWaitMs;
      state.poolWaitMs = undefined;
      this.#loopBlocks?.watch();
      this.#blockers?.watch(run);
      return run;
    } catch (error) {
      contain(error);
      return undefined;
    }
  }

  /**
   * Ends the run.
   * @param results pg's Result or an array of them, where there is one
   */
  finish(run: QueryRun, error: unknown, results: unknown): void {
    if (run.ended) return;
    try {
      run.end();
      const durationMs = performance.now() - run.startedAt;
      this.#blockers?.forget(run);
      const facts = error === undefined ? undefined : readError(error);
      const { durations, statement, target } = run.shape;
      const series = facts === undefined ? durations : target.durations.failed(statement.operation, facts.type);
      const measured = run.deferred?.isSampled === false ? undefined : run.spanContext;
      series.of(this.telemetry.instruments().duration).record(durationMs / 1000, measured);
      const slow = durationMs < this.#slowMs ? undefined : this.#slowTime(run, durationMs);
      if (facts === undefined && slow === undefined && this.#complete(run, durationMs, results)) return;
      const end = run.startMs === 0 ? undefined : run.startMs + durationMs;
      const recording = run.span.isRecording();
      if (recording || slow !== undefined) {
        const rows = rowsOf(run, results, facts !== undefined);
        if (recording) describeEnd(run, rows, facts, end);
        if (slow !== undefined) this.#reportSlow(run, slow, rows, facts, series.attributes, end);
      }
      run.span.end(end);
    } catch (failure) {
      contain(failure);
    }
  }

  /**
   * The usual end, for which no span object is needed: of a query that is not sampled, or has
   * nothing to tell but its rows.
   */
  #complete(run: QueryRun, durationMs: number, results: unknown): boolean {
    const { deferred, poolWaitMs, shape } = run;
    if (deferred === undefined || run.hasSpan) return false;
    if (!deferred.isSampled) return true;
    const spanShape = shape.span.shape;
    if (spanShape === undefined || isShownWait(poolWaitMs)) return false;
    const { tracer, parent } = deferred;
    return tracer.complete(spanShape, parent, run.startMs, durationMs, run.spanContext.spanId, rowAttributes(rowsOf(run, results, false)));
  }

  /**
   * A query that came to its end before pg had it: the wait for a connection failed, or pg refused
   * the call.
   */
  fail(target: Target, text: unknown, context: Context, startedAt: number, error: unknown): void {
    try {
      const shape = this.#shapes.of(target, typeof text === 'string' ? text : '', undefined);
      const startMs = pastEpochMillis(startedAt);
      const span = this.telemetry.tracer().startSpan(shape.span.name, { ...shape.span.options, startTime: startMs }, context);
      this.finish(new QueryRun(shape, span, context, startedAt, startMs, false, undefined), error, undefined);
    } catch (failure) {
      contain(failure);
    }
  }

  /** The text to send for this run. */
  comment(run: QueryRun, text: string): string {
    const commented = this.#commenter.comment(
      text,
      run.shape.statement,
      run.deferred?.isSampled === false ? UNSAMPLED : run.spanContext,
      run.context,
    );
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
      state.target.poolWait.of(this.telemetry.instruments().waitTime).record(waitMs / 1000, trace.getSpanContext(context));
    } catch (error) {
      contain(error);
    }
  }

  #noteSent(run: QueryRun, text: string, sent: string): void {
    if (this.settings.commentPosition === 'leading') run.prefixLength = sent.length - text.length;
  }

  /**
   * Undefined when the query took so long only because the event loop was blocked; that is reported
   * instead.
   */
  #slowTime(run: QueryRun, durationMs: number): SlowTime | undefined {
    const loopBlockedMs = this.#loopBlocks?.blockedMs(run.startedAt) ?? 0;
    if (durationMs - loopBlockedMs >= this.#slowMs) return { durationMs, loopBlockedMs };
    this.#loopBlocks?.report('a query', run.shape.statement.operation, durationMs, loopBlockedMs);
    return undefined;
  }

  #reportSlow(
    run: QueryRun,
    time: SlowTime,
    rows: RowCounts,
    facts: ErrorFacts | undefined,
    attributes: Attributes,
    end: number | undefined,
  ): void {
    this.telemetry.instruments().slowQueries.add(1, attributes, run.context);
    reportSlowQuery(describeSlowQuery(run, time, rows, facts), run, this.#slowLog.take(), end);
    this.#explain?.consider(run, facts);
  }

  #stateOf(client: PgClient): ClientState {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const state: ClientState = { target: readTarget(client.connectionParameters), poolWaitMs: undefined };
    this.#clients.set(client, state);
    return state;
  }
}

function contain(error: unknown): void {
  warn('SIETCH040', error instanceof Error ? error.stack : String(error));
}
