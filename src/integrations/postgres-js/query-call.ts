// One query of postgres.js from the moment when somebody waits for it: how long it waited for a
// connection, the run that is measured, the comment that is sent, and the end.
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import { runInContext } from '../../context/index.js';
import type { CapturedStack } from '../../observe/caller-stack.js';
import { restorePosition } from '../../observe/postgresql/error-position.js';
import type { QueryRun } from '../../observe/postgresql/query-run.js';
import type { QuerySource } from '../../observe/postgresql/query-source.js';
import type { QueryTracer } from '../../observe/postgresql/query-tracer.js';
import type { Target } from '../../observe/postgresql/target.js';
import type { PostgresQuery } from './postgres-internals.js';
import type { Reservation } from './reservations.js';
import type { Server, Servers } from './servers.js';
import type { PostgresSession } from './side-connector.js';

export interface QueryPatchParts {
  readonly tracer: QueryTracer<PostgresSession>;
  readonly servers: Servers;
}

type Callback = (...args: unknown[]) => unknown;

export class QueryCall implements QuerySource<PostgresSession>, PostgresSession {
  readonly target: Target;
  readonly server: Server;
  poolWaitMs: number | undefined = undefined;
  readonly #query: PostgresQuery;
  readonly #context: Context;
  readonly #tracer: QueryTracer<PostgresSession>;
  readonly #handedAt = performance.now();
  /** Its text has to be read first: how long it waits for its connection is not known. */
  readonly #isFromFile: boolean;
  #isWaiting = true;
  /** The library may reject a query twice: one that a new connection was opened for, and whose values cannot be sent. */
  #hasFailed = false;
  readonly #reservation: Reservation | undefined;
  #run: QueryRun<PostgresSession> | undefined;
  #resolve: unknown;
  #reject: unknown;
  #onRows: unknown;
  #onRow: unknown;

  constructor(query: PostgresQuery, server: Server, context: Context, { tracer, servers }: QueryPatchParts) {
    this.#query = query;
    this.server = server;
    this.target = server.target;
    this.#context = context;
    this.#tracer = tracer;
    this.#reservation = servers.reservations.of(query.handler);
    this.#isFromFile = query.strings.length === 0;
    if (this.#isOfPool) server.waiting++;
  }

  /** The connection is known by its backend alone. */
  get client(): PostgresSession {
    return this;
  }

  /**
   * A query that is awaited is sent from no function of the app; the library knows where its
   * template stands.
   */
  get caller(): CapturedStack {
    const query = this.#query;
    return {
      get stack() {
        return query.origin;
      },
    };
  }

  get pid(): number | undefined {
    const pid = this.#query.state?.pid;
    return typeof pid === 'number' ? pid : undefined;
  }

  /** The pool gives it a connection; queries of a transaction have theirs. */
  get #isOfPool(): boolean {
    return this.#query.handler === this.server.poolHandler;
  }

  /** Puts our handlers before those that the query has now. */
  watch(): void {
    const query = this.#query;
    const { resolve, reject, cursorFn, forEachFn } = query;
    if (resolve !== this.#resolve) {
      this.#resolve = query.resolve = (value) => {
        this.#settled(value);
        return resolve(value);
      };
    }
    if (reject !== this.#reject) {
      this.#reject = query.reject = (error) => {
        this.#failed(error);
        return reject(error);
      };
    }
    if (isCallback(cursorFn) && cursorFn !== this.#onRows) {
      this.#onRows = query.cursorFn = (...args: unknown[]) => {
        const [rows] = args;
        if (this.#run !== undefined && Array.isArray(rows)) this.#run.streamedRows += rows.length;
        return runInContext(this.#context, cursorFn, ...args);
      };
    }
    // Rows are read from the socket, in no context of theirs.
    if (isCallback(forEachFn) && forEachFn !== this.#onRow && this.#context !== ROOT_CONTEXT) {
      this.#onRow = query.forEachFn = (...args: unknown[]) => runInContext(this.#context, forEachFn, ...args);
    }
  }

  /** A connection has taken the query, and is about to send it. */
  sent(): void {
    const query = this.#query;
    const text = typeof query.string === 'string' ? query.string : '';
    this.#run = this.#tracer.start(this, text, undefined, this.#context, performance.now(), false);
    if (this.#run === undefined) return;
    if (this.#reservation !== undefined) this.#uses(this.#reservation, this.#run);
    if (query.active) this.begun();
    this.#comment(this.#run, text);
  }

  /**
   * The connection has come to this query. Up to here others were before it, on their way to the
   * server already or not: it waited for its connection.
   */
  begun(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#waitIsOver();
    const now = performance.now();
    run.beginAt(now);
    this.#tracer.begun(run);
    if (this.#isFromFile) return;
    const waitMs = now - this.#handedAt;
    run.poolWaitMs = waitMs;
    if (this.#isOfPool) this.#tracer.waited(this.target, waitMs, this.#context);
  }

  #uses(reservation: Reservation, run: QueryRun): void {
    reservation.queryBegun();
    run.onEnd(() => reservation.queryEnded());
  }

  #waitIsOver(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    if (this.#isOfPool) this.server.waiting--;
  }

  /**
   * Changes the text for as long as it is sent, which is in one synchronous stretch: who looks at
   * the statement of a result does not see it. A statement that the server keeps has the same
   * comment each time.
   */
  #comment(run: QueryRun<PostgresSession>, text: string): void {
    const query = this.#query;
    const { statement, strings } = query;
    const isSimple = query.options.simple === true;
    const isKept = query.prepare === true && !isSimple;
    const commented = isKept ? this.#tracer.commentNamed(run, text) : this.#tracer.comment(run, text);
    if (commented === text || statement === null || (isKept && query.prepared === true)) return;
    statement.string = commented;
    // Up to 3.3 a simple query is sent from here.
    const isSentFromStrings = isSimple && !query.tagged;
    if (isSentFromStrings) query.strings = [commented];
    queueMicrotask(() => {
      statement.string = text;
      if (isSentFromStrings) query.strings = strings;
    });
  }

  #settled(value: unknown): void {
    this.#waitIsOver();
    const run = this.#run;
    // COPY gives its stream first, and its count when it is over. A stream of replication has no
    // end.
    if (run === undefined || (isStream(value) && !isTwoWay(value))) return;
    if (this.#query.cursorFn !== undefined) this.#tracer.finish(run, undefined, undefined);
    // Results of several statements in one text are put together, and the counts with them.
    else this.#tracer.finish(run, undefined, run.shape.statement.count > 1 ? null : value);
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#waitIsOver();
    const run = this.#run;
    if (run !== undefined) {
      restorePosition(error, run.shape.text, run.prefixLength);
      this.#tracer.finish(run, error ?? new Error(), undefined);
      return;
    }
    // Where the file was not found there is no query.
    const { strings } = this.#query;
    if (strings.length === 0) return;
    // Values, names and fragments are put in when a connection takes the query.
    this.#tracer.fail(this.target, strings.join('?'), this.#context, this.#handedAt, error ?? new Error());
  }
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function';
}

function isStream(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'pipe' in value;
}

function isTwoWay(stream: object): boolean {
  return 'read' in stream && 'write' in stream;
}
