// Starts and ends the runs of queries: span, duration record, slow-query report. Called by the
// patches of a client library; contains its own errors.
import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import { onSettingsChange } from '../../config/live-settings.js';
import type { SettingsOf } from '../../config/setting.js';
import { keepTrace } from '../../context/trace-recording.js';
import { warn } from '../../diagnose/diagnostics.js';
import { epochMillis, pastEpochMillis } from '../../sdk/trace/span-time.js';
import { type Caller, Callers, type DeferredSpan, type RootSpans, type TracerSource } from '../caller.js';
import { EventLoopBlocks } from '../event-loop-blocks.js';
import { LogLimit } from '../log-limit.js';
import { running } from '../running-operations.js';
import { type ErrorFacts, readError } from './database-error.js';
import type { QueryInstruments } from './instruments.js';
import { countedRows, describeEnd, isShownWait, rowAttributes } from './query-end.js';
import { QueryRun } from './query-run.js';
import { type QueryShape, QueryShapes } from './query-shape.js';
import type { QuerySource } from './query-source.js';
import type { RowCounts } from './row-counts.js';
import type { querySettings } from './settings.js';
import { describeSlowQuery, reportSlowQuery, type SlowTime } from './slow-query-report.js';
import { Commenter } from './sql-comment.js';
import { readStatement } from './statement.js';
import type { Target } from './target.js';

/** Tracer and instruments, which change: providers are set after the query tracer is made. */
export interface Telemetry extends TracerSource {
  instruments(): QueryInstruments;
}

export interface QueryTracerParts {
  readonly telemetry: Telemetry;
  readonly settings: SettingsOf<typeof querySettings>;
  /** `service.name` of the process. */
  readonly serviceName: string;
  readonly rootSpans: RootSpans;
  /** Counts the rows of what the library gives as the result of a query. */
  rowsOf(results: unknown): RowCounts;
}

/** All that a comment shows of a trace that is not sampled. */
const UNSAMPLED: SpanContext = { traceId: '', spanId: '', traceFlags: 0 };

const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** `Client`: the object that holds a connection, where the library shows it. */
export class QueryTracer<Client = unknown> {
  readonly #telemetry: Telemetry;
  readonly #commenter: Commenter;
  readonly #isLeading: boolean;
  readonly #rowsOf: (results: unknown) => RowCounts;
  #slowMs = Number.POSITIVE_INFINITY;
  /** Undefined when nothing is slow by the settings. */
  #loopBlocks: EventLoopBlocks | undefined;
  readonly #slowLog = new LogLimit();
  readonly #shapes: QueryShapes;
  readonly #callers: Callers;

  constructor({ telemetry, settings, serviceName, rootSpans, rowsOf }: QueryTracerParts) {
    this.#telemetry = telemetry;
    this.#callers = new Callers(telemetry, rootSpans);
    this.#commenter = new Commenter({ mode: settings.comment, position: settings.commentPosition, application: serviceName });
    this.#isLeading = settings.commentPosition === 'leading';
    this.#rowsOf = rowsOf;
    this.#useThreshold(settings.slowQueryMs);
    onSettingsChange(settings, () => this.#useThreshold(settings.slowQueryMs));
    this.#shapes = new QueryShapes(settings.queryText);
  }

  #useThreshold(slowMs: number): void {
    this.#slowMs = slowMs === 0 ? Number.POSITIVE_INFINITY : slowMs;
    this.#loopBlocks = slowMs === 0 ? undefined : new EventLoopBlocks(slowMs);
  }

  /** Undefined when something of ours went wrong: the query runs on unobserved. */
  start(
    source: QuerySource<Client>,
    text: unknown,
    name: unknown,
    context: Context,
    startedAt: number,
    bound: boolean,
  ): QueryRun<Client> | undefined {
    try {
      const shape = this.#shapes.of(
        source.target,
        typeof text === 'string' ? text : '',
        typeof name === 'string' && name !== '' ? name : undefined,
      );
      const span = this.#spanOf(shape, this.#callers.of(context));
      const startMs = 'tracer' in span && span.isSampled !== false ? epochMillis(startedAt) : 0;
      const run = new QueryRun<Client>(shape, span, context, startedAt, startMs, bound, source);
      run.poolWaitMs = source.poolWaitMs;
      source.poolWaitMs = undefined;
      this.#loopBlocks?.watch();
      running.add(run);
      return run;
    } catch (error) {
      contain(error);
      return undefined;
    }
  }

  #spanOf({ span: { name, options, shape } }: QueryShape, { context, deferred, root }: Caller): Span | DeferredSpan {
    if (deferred !== undefined && (root !== undefined || shape !== undefined)) return deferred;
    return root === 'off' ? NO_SPAN : this.#telemetry.tracer().startSpan(name, options, context);
  }

  /**
   * Ends the run.
   * @param results what the library gives as its result, where there is one
   */
  finish(run: QueryRun<Client>, error: unknown, results: unknown): void {
    if (run.ended) return;
    try {
      run.end();
      const now = performance.now();
      const durationMs = now - run.startedAt;
      const facts = error === undefined ? undefined : readError(error);
      const { durations, statement, target } = run.shape;
      run.source?.ended?.(statement, now);
      const series = facts === undefined ? durations : target.durations.failed(statement.operation, facts.type);
      const slow = durationMs < this.#slowMs ? undefined : this.#slowTime(run, durationMs);
      const isUsual = facts === undefined && slow === undefined;
      const isQuiet = isUsual && run.isQuietRoot;
      const measured = isQuiet || run.deferred?.isSampled === false ? undefined : run.spanContext;
      series.of(this.#telemetry.instruments().duration).record(durationMs / 1000, measured);
      if (isQuiet || (isUsual && this.#complete(run, durationMs, results))) return;
      const end = run.startMs === 0 ? undefined : run.startMs + durationMs;
      const recording = run.span.isRecording();
      if (recording || slow !== undefined) {
        const rows = this.#rowsIn(run, results, facts !== undefined);
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
  #complete(run: QueryRun<Client>, durationMs: number, results: unknown): boolean {
    const { deferred, poolWaitMs, shape } = run;
    if (deferred === undefined || run.hasSpan) return false;
    if (!deferred.isSampled) return true;
    const spanShape = shape.span.shape;
    const { tracer, parent } = deferred;
    if (parent === undefined || spanShape === undefined || isShownWait(poolWaitMs)) return false;
    return tracer.complete(
      spanShape,
      parent,
      run.startMs,
      durationMs,
      run.spanContext.spanId,
      rowAttributes(this.#rowsIn(run, results, false)),
    );
  }

  /**
   * A query that came to its end before it was sent: the wait for a connection failed, or the
   * library refused the call.
   */
  fail(target: Target, text: unknown, context: Context, startedAt: number, error: unknown): void {
    try {
      const shape = this.#shapes.of(target, typeof text === 'string' ? text : '', undefined);
      const startMs = pastEpochMillis(startedAt);
      const span = this.startFailed(shape.span.name, { ...shape.span.options, startTime: startMs }, context);
      this.finish(new QueryRun<Client>(shape, span, context, startedAt, startMs, false, undefined), error, undefined);
    } catch (failure) {
      contain(failure);
    }
  }

  /** Starts the span of what has failed. */
  startFailed(name: string, options: SpanOptions, context: Context): Span {
    return this.#callers.of(context).root === 'off' ? NO_SPAN : this.#telemetry.tracer().startSpan(name, options, context);
  }

  /** Whether what succeeds in this context gets a span. */
  showsSuccess(context: Context): boolean {
    const { root } = this.#callers.of(context);
    return root === undefined || root === 'all';
  }

  /** The text to send for this run. */
  comment(run: QueryRun<Client>, text: string): string {
    const commented = this.#commenter.comment(
      text,
      run.shape.statement,
      run.deferred === undefined || run.deferred.isSampled ? run.spanContext : UNSAMPLED,
      run.context,
    );
    this.#noteSent(run, text, commented);
    return commented;
  }

  /** The text to send under a name, also for what is not traced. */
  commentNamed(run: QueryRun<Client> | undefined, text: string): string {
    const commented = this.#commenter.commentNamed(text, readStatement(text));
    if (run !== undefined) this.#noteSent(run, text, commented);
    return commented;
  }

  /** A caller got a connection of a pool. */
  waited(target: Target, waitMs: number, context: Context): void {
    try {
      target.poolWait.of(this.#telemetry.instruments().waitTime).record(waitMs / 1000, trace.getSpanContext(context));
    } catch (error) {
      contain(error);
    }
  }

  /** A run has ended that was slow. Where more can be found out about it, this is the place. */
  protected onSlow(_run: QueryRun<Client>, _error: ErrorFacts | undefined): void {}

  #rowsIn(run: QueryRun<Client>, results: unknown, failed: boolean): RowCounts {
    return results === undefined ? countedRows(run, failed) : this.#rowsOf(results);
  }

  #noteSent(run: QueryRun<Client>, text: string, sent: string): void {
    if (this.#isLeading) run.prefixLength = sent.length - text.length;
  }

  /**
   * Undefined when the query took so long only because the event loop was blocked; that is reported
   * instead.
   */
  #slowTime(run: QueryRun<Client>, durationMs: number): SlowTime | undefined {
    const loopBlockedMs = this.#loopBlocks?.blockedMs(run.startedAt) ?? 0;
    if (durationMs - loopBlockedMs >= this.#slowMs) return { durationMs, loopBlockedMs };
    this.#loopBlocks?.report('a query', run.shape.statement.operation, durationMs, loopBlockedMs);
    return undefined;
  }

  #reportSlow(
    run: QueryRun<Client>,
    time: SlowTime,
    rows: RowCounts,
    facts: ErrorFacts | undefined,
    attributes: Attributes,
    end: number | undefined,
  ): void {
    keepTrace(run.spanContext, 'slow_query');
    this.#telemetry.instruments().slowQueries.add(1, attributes, run.context);
    reportSlowQuery(describeSlowQuery(run, time, rows, facts), run, this.#slowLog.take(), end);
    this.onSlow(run, facts);
  }
}

function contain(error: unknown): void {
  warn('SIETCH040', error instanceof Error ? error.stack : String(error));
}
