// One query while it runs, from the call to its end; what its span, metric and slow-query record
// are made from.
import { type Context, type Span, type SpanContext, trace } from '@opentelemetry/api';
import type { DeferredSpan } from '../caller.js';
import type { CapturedStack } from '../caller-stack.js';
import { type RunningCategory, RunningOperation, running } from '../running-operations.js';
import type { Blocker } from './blocker.js';
import type { QueryShape } from './query-shape.js';
import type { QuerySource } from './query-source.js';

/** `Client`: the object that holds its connection. */
export class QueryRun<Client = unknown> extends RunningOperation {
  readonly shape: QueryShape;
  /** The caller's. */
  readonly context: Context;
  /** A reading of `performance.now()`. */
  startedAt: number;
  /**
   * Callbacks or listeners of the app are called at its end: they get the caller's context. A
   * promise keeps its context by itself.
   */
  readonly bound: boolean;
  /** Undefined when no client ever had the query. */
  readonly source: QuerySource<Client> | undefined;
  /** Undefined when the span was started with the run. */
  readonly deferred: DeferredSpan | undefined;
  /**
   * Start of the span in milliseconds of the epoch; 0 where the span reads the clock itself, or
   * none is made.
   */
  startMs: number;
  /**
   * Milliseconds the caller waited for the connection; undefined when this is not the first query
   * on it.
   */
  poolWaitMs: number | undefined = undefined;
  ended = false;
  /** Characters put before the text when it was sent. */
  prefixLength = 0;
  /** Rows counted one by one, for cursors and streams. */
  streamedRows = 0;
  /** Rows by the server's command tag, where there is no result object. */
  taggedRows: number | undefined = undefined;
  /** Somebody has asked the server already what it waits for. */
  asked = false;
  blocker: Blocker | undefined = undefined;
  /** Who called, for a statement that has been slow before. */
  caller: CapturedStack | undefined = undefined;
  #span: Span | undefined;
  #spanContext: SpanContext | undefined = undefined;
  #undo: (() => void)[] | undefined = undefined;

  constructor(
    shape: QueryShape,
    span: Span | DeferredSpan,
    context: Context,
    startedAt: number,
    startMs: number,
    bound: boolean,
    source: QuerySource<Client> | undefined,
  ) {
    super();
    this.shape = shape;
    this.deferred = isDeferred(span) ? span : undefined;
    this.context = context;
    this.startedAt = startedAt;
    this.startMs = startMs;
    this.bound = bound;
    this.source = source;
    this.#span = isDeferred(span) ? undefined : span;
  }

  get category(): RunningCategory {
    return 'query';
  }

  get title(): string {
    const { statement, target } = this.shape;
    return `pg ${statement.operation}${target.database === undefined ? '' : ` ${target.database}`}`;
  }

  get client(): Client | undefined {
    return this.source?.client;
  }

  get hasSpan(): boolean {
    return this.#span !== undefined;
  }

  /** The span; a deferred one is started now, as of the start of the run. */
  get span(): Span {
    this.#span ??= this.#open(this.deferred);
    return this.#span;
  }

  /** The context of its span, whether there is one yet or not. */
  get spanContext(): SpanContext {
    const { deferred } = this;
    this.#spanContext ??=
      deferred?.isSampled === undefined ? this.span.spanContext() : deferred.tracer.childOf(deferred.parent, deferred.isSampled);
    return this.#spanContext;
  }

  /** The connection has come to this query, which was sent before. */
  beginAt(now: number): void {
    if (this.startMs !== 0) this.startMs += now - this.startedAt;
    this.startedAt = now;
  }

  /** It has no parent, hence no span either unless it fails or is slow. */
  get isQuietRoot(): boolean {
    return this.deferred !== undefined && this.deferred.parent === undefined && !this.hasSpan;
  }

  /** Takes our handlers off the query's object when the run ends. */
  onEnd(undo: () => void): void {
    this.#undo ??= [];
    this.#undo.push(undo);
  }

  end(): void {
    this.ended = true;
    running.remove(this);
    if (this.#undo !== undefined) for (const undo of this.#undo) undo();
  }

  #open(deferred: DeferredSpan | undefined): Span {
    if (deferred === undefined || deferred.isSampled === false) return trace.wrapSpanContext(this.spanContext);
    const { name } = this.shape.span;
    const options = { ...this.shape.span.options, startTime: this.startMs };
    if (deferred.isSampled === undefined) return deferred.tracer.startSpan(name, options, this.context);
    return deferred.tracer.open(name, options, this.context, deferred.parent, this.spanContext);
  }
}

function isDeferred(span: Span | DeferredSpan): span is DeferredSpan {
  return 'tracer' in span;
}
