// One query while it runs, from the call to its end; what its span, metric and slow-query record are made from.
import type { Attributes, Context, Span, SpanOptions } from '@opentelemetry/api';
import type { Statement } from './statement.js';
import type { Target } from './target.js';

/** All that is the same for each run of one text against one database; held in a cache, never changed. */
export interface QueryShape {
  readonly text: string;
  readonly target: Target;
  readonly statement: Statement;
  /** Name of a prepared statement. */
  readonly name: string | undefined;
  readonly spanName: string;
  readonly spanOptions: SpanOptions;
  readonly metricAttributes: Attributes;
}

export class QueryRun {
  readonly shape: QueryShape;
  readonly span: Span;
  /** The caller's. */
  readonly context: Context;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  /** Callbacks or listeners of the app are called at its end: they get the caller's context. A promise keeps its context by itself. */
  readonly bound: boolean;
  /** Milliseconds the caller waited for the connection; undefined when this is not the first query on it. */
  readonly poolWaitMs: number | undefined;
  ended = false;
  /** Characters put before the text when it was sent. */
  prefixLength = 0;
  /** Rows counted one by one, for cursors and streams. */
  streamedRows = 0;
  /** Rows by the server's command tag, where there is no result object. */
  taggedRows: number | undefined;

  constructor(shape: QueryShape, span: Span, context: Context, startedAt: number, bound: boolean, poolWaitMs: number | undefined) {
    this.shape = shape;
    this.span = span;
    this.context = context;
    this.startedAt = startedAt;
    this.bound = bound;
    this.poolWaitMs = poolWaitMs;
  }
}
