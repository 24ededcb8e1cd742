// Starts and ends the runs of queries: span, duration record, slow-query report. Called by the
// patches of a client library; contains its own errors.
import { type Context, INVALID_SPAN_CONTEXT, type Span, type SpanContext, type SpanOptions, trace } from '@opentelemetry/api';
import type { SettingsOf } from '../../config/setting.js';
import { warn } from '../../diagnose/diagnostics.js';
import { epochMillis, pastEpochMillis } from '../../sdk/trace/span-time.js';
import { type Caller, Callers, type DeferredSpan, type RootSpans, type TracerSource } from '../caller.js';
import type { CapturedStack } from '../caller-stack.js';
import { running } from '../running-operations.js';
import { CallerStacks } from './caller-stacks.js';
import { readError } from './database-error.js';
import type { QueryInstruments } from './instruments.js';
import { countedRows, describeEnd, isShownWait, rowAttributes } from './query-end.js';
import { QueryRun } from './query-run.js';
import { type QueryShape, QueryShapes } from './query-shape.js';
import type { QuerySource } from './query-source.js';
import type { RowCounts } from './row-counts.js';
import { ServerQuestions } from './server-questions.js';
import type { querySettings } from './settings.js';
import type { SideConnector } from './side-connections.js';
import { SlowQueries } from './slow-queries.js';
import { Commenter } from './sql-comment.js';
import { readStatement } from './statement.js';
import type { Target } from './target.js';

/** Tracer and instruments, which change: providers are set after the query tracer is made. */
export interface Telemetry extends TracerSource {
  instruments(): QueryInstruments;
}

export interface QueryTracerParts<Client> {
  readonly telemetry: Telemetry;
  readonly settings: SettingsOf<typeof querySettings>;
  /** `service.name` of the process. */
  readonly serviceName: string;
  readonly rootSpans: RootSpans;
  /** Connects to the servers of clients, to ask about slow queries. */
  readonly connector: SideConnector<Client>;
  /** Counts the rows of what the library gives as the result of a query. */
  rowsOf(results: unknown): RowCounts;
}

/** All that a comment shows of a trace that is not sampled. */
const UNSAMPLED: SpanContext = { traceId: '', spanId: '', traceFlags: 0 };

const NO_STACK: CapturedStack = {};
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/** `Client`: the object that holds a connection, where the library shows it. */
export class QueryTracer<Client = unknown> {
  readonly #telemetry: Telemetry;
  readonly #commenter: Commenter;
  readonly #isLeading: boolean;
  readonly #rowsOf: (results: unknown) => RowCounts;
  readonly #questions: ServerQuestions<Client>;
  readonly #slow: SlowQueries<Client>;
  readonly #stacks = new CallerStacks();
  readonly #shapes: QueryShapes;
  readonly #callers: Callers;

  constructor({ telemetry, settings, serviceName, rootSpans, connector, rowsOf }: QueryTracerParts<Client>) {
    this.#telemetry = telemetry;
    this.#callers = new Callers(telemetry, rootSpans);
    this.#commenter = new Commenter({ mode: settings.comment, position: settings.commentPosition, application: serviceName });
    this.#isLeading = settings.commentPosition === 'leading';
    this.#rowsOf = rowsOf;
    const counter = () => telemetry.instruments().sideQueries;
    this.#questions = new ServerQuestions({ connector, settings, counter, tracer: () => telemetry.tracer() });
    this.#slow = new SlowQueries({
      settings,
      instruments: () => telemetry.instruments(),
      questions: this.#questions,
      stacks: this.#stacks,
    });
    this.#shapes = new QueryShapes(settings.queryText, (sanitized) => this.#stacks.isMarked(sanitized));
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
      if (shape.wasSlow) run.caller = source.caller ?? this.#stacks.capture();
      this.#slow.watch();
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
      this.#questions.ended(run);
      const now = performance.now();
      const durationMs = now - run.startedAt;
      const facts = error === undefined ? undefined : readError(error);
      const { durations, statement, target } = run.shape;
      run.source?.ended?.(statement, now);
      const series = facts === undefined ? durations : target.durations.failed(statement.operation, facts.type);
      const slow = this.#slow.timeOf(run, durationMs);
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
        if (slow !== undefined) this.#slow.report(run, slow, rows, facts, series.attributes, end);
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

  /** The stack of this moment, for a text that is sent later; empty where it was not slow before. */
  callerOf(text: unknown): CapturedStack {
    return (typeof text === 'string' && this.#shapes.wasSlow(text) ? this.#stacks.capture() : undefined) ?? NO_STACK;
  }

  /** The server may be at work on this run from now on. */
  begun(run: QueryRun<Client>): void {
    this.#questions.begun(run);
  }

  /** Ends connections of our own. */
  async close(): Promise<void> {
    await this.#questions.close();
  }

  /** A caller got a connection of a pool. */
  waited(target: Target, waitMs: number, context: Context): void {
    try {
      target.poolWait.of(this.#telemetry.instruments().waitTime).record(waitMs / 1000, trace.getSpanContext(context));
    } catch (error) {
      contain(error);
    }
  }

  #rowsIn(run: QueryRun<Client>, results: unknown, failed: boolean): RowCounts {
    return results === undefined ? countedRows(run, failed) : this.#rowsOf(results);
  }

  #noteSent(run: QueryRun<Client>, text: string, sent: string): void {
    if (this.#isLeading) run.prefixLength = sent.length - text.length;
  }
}

function contain(error: unknown): void {
  warn('SIETCH040', error instanceof Error ? error.stack : String(error));
}
