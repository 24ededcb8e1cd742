// One query while it runs, from the call to its end; what its span, metric and slow-query record are made from.
import type { Context, Span } from '@opentelemetry/api';
import type { Blocker } from './blockers.js';
import type { PgClient } from './pg-internals.js';
import type { QueryShape } from './query-shape.js';

export class QueryRun {
  readonly shape: QueryShape;
  readonly span: Span;
  /** The caller's. */
  readonly context: Context;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  /** Callbacks or listeners of the app are called at its end: they get the caller's context. A promise keeps its context by itself. */
  readonly bound: boolean;
  /** Undefined when no client ever had the query. */
  readonly client: PgClient | undefined;
  /** Milliseconds the caller waited for the connection; undefined when this is not the first query on it. */
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

  constructor(shape: QueryShape, span: Span, context: Context, startedAt: number, bound: boolean, client: PgClient | undefined) {
    this.shape = shape;
    this.span = span;
    this.context = context;
    this.startedAt = startedAt;
    this.bound = bound;
    this.client = client;
  }
}
