// Observes what is queued in the place of pg's own Query: cursors, streams, COPY. Their classes are
// not known to us, so the handlers that pg calls (the contract of a Submittable) are wrapped on the
// one object, hidden from who inspects it, and put back at the end.
import { context } from '@opentelemetry/api';
import { replaceMethod } from '../../observe/method-patches.js';
import { restorePosition } from '../../observe/postgresql/error-position.js';
import type { ClientTracer } from './client-tracer.js';
import type { PgRun } from './observed-query.js';
import type { PgQuery } from './pg-internals.js';

type Handler = (...args: unknown[]) => unknown;

export function observeSubmittable(query: PgQuery, run: PgRun, tracer: ClientTracer): void {
  const overrides = new Overrides(query, run);
  const finish = (error: unknown): void => tracer.finish(run, error, undefined);
  run.onEnd(() => overrides.undo());
  try {
    overrides.add('handleDataRow', () => {
      run.streamedRows++;
    });
    overrides.add('handleCommandComplete', (message) => {
      run.taggedRows = readTag(message);
    });
    overrides.add('handlePortalSuspended', () => {}, true);
    overrides.add('handleReadyForQuery', () => finish(undefined), true);
    const fail = (error: unknown): void => {
      restorePosition(error, run.shape.text, run.prefixLength);
      finish(error ?? new Error());
    };
    overrides.add('handleError', fail, true);
    commentWhileSent(query, run, tracer, overrides);
  } catch (error) {
    // A frozen object, say: its end cannot be seen, so the span ends here rather than never.
    finish(error);
  }
}

class Overrides {
  readonly #query: PgQuery;
  readonly #run: PgRun;
  readonly #undo: (() => void)[] = [];

  constructor(query: PgQuery, run: PgRun) {
    this.#query = query;
    this.#run = run;
  }

  /**
   * Calls `before` and then the handler; `inContext` gives the handler, which may call the app, the
   * context of the query's caller.
   */
  add(key: string, before: (argument: unknown) => void, inContext = false): void {
    const handler: unknown = Reflect.get(this.#query, key);
    if (!isHandler(handler)) return;
    const run = this.#run;
    this.replace(key, function (this: unknown, ...args) {
      before(args[0]);
      return inContext ? context.with(run.context, handler, this, ...args) : handler.apply(this, args);
    });
  }

  replace(key: string, replacement: Handler): void {
    const owner: Record<string, unknown> = Object(this.#query);
    this.#undo.push(replaceMethod(owner, key, replacement));
  }

  undo(): void {
    for (const step of this.#undo.splice(0)) step();
  }
}

/** The text is the object's own, or that of the cursor inside a stream. */
function commentWhileSent(query: PgQuery, run: PgRun, tracer: ClientTracer, overrides: Overrides): void {
  const holder = textHolder(query);
  const handler: unknown = query.submit;
  if (holder === undefined || !isHandler(handler)) return;
  overrides.replace('submit', function (this: unknown, ...args) {
    const { text } = holder;
    holder.text = tracer.comment(run, text);
    try {
      return handler.apply(this, args);
    } finally {
      holder.text = text;
    }
  });
}

/** The text of a query's config or of a query object. */
export function textOf(query: unknown): unknown {
  return typeof query === 'string' ? query : textHolder(query)?.text;
}

/** A call of query() with these arguments ends in a call of something of the app's, not in a promise. */
export function callsBack(config: unknown, values: unknown, callback: unknown): boolean {
  if (typeof callback === 'function' || typeof values === 'function') return true;
  if (typeof config !== 'object' || config === null) return false;
  return ('callback' in config && typeof config.callback === 'function') || ('submit' in config && typeof config.submit === 'function');
}

function textHolder(query: unknown): { text: string } | undefined {
  if (hasText(query)) return query;
  return typeof query === 'object' && query !== null && 'cursor' in query && hasText(query.cursor) ? query.cursor : undefined;
}

function hasText(value: unknown): value is { text: string } {
  return typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string';
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'function';
}

/** Rows by a command tag: `UPDATE 3`, `INSERT 0 3`, `COPY 3`. */
function readTag(message: unknown): number | undefined {
  const tag = hasText(message) ? /^(?:INSERT|UPDATE|DELETE|MERGE|COPY)\b.* (\d+)$/.exec(message.text)?.[1] : undefined;
  return tag === undefined ? undefined : Number(tag);
}
