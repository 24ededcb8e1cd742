// Observes pg's Query: what is sent, and the end.
import { runInContext } from '../../context/index.js';
import type { MethodPatches } from '../../observe/method-patches.js';
import { restorePosition } from '../../observe/postgresql/error-position.js';
import type { ClientTracer } from './client-tracer.js';
import { observeNativeError } from './native-query.js';
import { type ObservedQuery, type PgRun, RUN } from './observed-query.js';
import type { QueryPrototype } from './pg-internals.js';

export function patchQuery(patches: MethodPatches, Query: QueryPrototype, tracer: ClientTracer): void {
  const observe = Query.handleReadyForQuery === undefined ? observeNativeError : observeError;
  patches.replace(Query, 'submit', (original) => observeSubmit(original, tracer, patches));
  patches.replace(Query, 'handleReadyForQuery', (original) => observeReady(original, tracer));
  patches.replace(Query, 'handleError', (original) => observe(original, tracer));
}

/**
 * The comment is in the text only while it is sent: who looks at the query object does not see it.
 */
function observeSubmit(original: QueryPrototype['submit'], tracer: ClientTracer, patches: MethodPatches): QueryPrototype['submit'] {
  return function submit(this: ObservedQuery, connection: unknown): unknown {
    const { text } = this;
    if (!patches.isOn || typeof text !== 'string') return original.call(this, connection);
    const run = this[RUN];
    const named = typeof this.name === 'string' && this.name !== '' ? namedText(this, this.name, text, connection, tracer) : undefined;
    const sent = named?.text ?? (run === undefined ? text : tracer.comment(run, text));
    if (sent === text) {
      if (run !== undefined) run.prefixLength = 0;
      return original.call(this, connection);
    }
    this.text = sent;
    try {
      return original.call(this, connection);
    } finally {
      // pg remembers the text of a named statement once the server has parsed it, and takes another
      // text of that name for a mistake.
      if (named?.first !== true) this.text = text;
    }
  };
}

/**
 * The text of a named statement, the same each time on a connection, traced or not. `first`: the
 * server has not parsed it yet. Without this pg throws "Prepared statements must be unique".
 */
function namedText(
  query: ObservedQuery,
  name: string,
  text: string,
  connection: unknown,
  tracer: ClientTracer,
): { text: string; first: boolean } {
  const commented = tracer.commentNamed(query[RUN], text);
  for (const key of ['parsedStatements', 'submittedNamedStatements', 'namedQueries']) {
    const statements: unknown = typeof connection === 'object' && connection !== null ? Reflect.get(connection, key) : undefined;
    const known: unknown = typeof statements === 'object' && statements !== null ? Reflect.get(statements, name) : undefined;
    if (known !== undefined && known !== '') return { text: known === commented ? commented : text, first: false };
  }
  return { text: commented, first: true };
}

type HandleReady = NonNullable<QueryPrototype['handleReadyForQuery']>;

function observeReady(original: HandleReady, tracer: ClientTracer): HandleReady {
  return function handleReadyForQuery(this: ObservedQuery, connection?: unknown): unknown {
    const run = this[RUN];
    if (run === undefined) return original.call(this, connection);
    // A row that could not be parsed: pg calls handleError from here.
    if (!this._canceledDueToError) finish(this, run, undefined, this._results, tracer);
    return run.bound ? runInContext(run.context, Reflect.apply, original, this, [connection]) : original.call(this, connection);
  };
}

function observeError(original: QueryPrototype['handleError'], tracer: ClientTracer): QueryPrototype['handleError'] {
  return function handleError(this: ObservedQuery, error: unknown, connection?: unknown): unknown {
    const run = this[RUN];
    if (run === undefined) return original.call(this, error, connection);
    restorePosition(error, run.shape.text, run.prefixLength);
    finish(this, run, this._canceledDueToError || error || new Error(), undefined, tracer);
    // A rejection that nobody handles is one of the caller's, too.
    return runInContext(run.context, Reflect.apply, original, this, [error, connection]);
  };
}

function finish(query: ObservedQuery, run: PgRun, error: unknown, results: unknown, tracer: ClientTracer): void {
  query[RUN] = undefined;
  tracer.finish(run, error, results);
}
