// The spans of opening connections to Redis.
import { context, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { tallyOf } from '../../context/command-tally.js';
import { type RootSpans, type TracerSource, wantsSpan } from '../caller.js';
import type { Server } from './command-target.js';
import { describeError } from './error-type.js';
import { DB_SYSTEM_REDIS, SPAN_CONNECT } from './names.js';

export class ConnectSpans {
  readonly #source: TracerSource;
  readonly #rootSpans: RootSpans;
  /** By the client's object for the connection. */
  readonly #open = new WeakMap<object, Span>();

  constructor(source: TracerSource, rootSpans: RootSpans) {
    this.#source = source;
    this.#rootSpans = rootSpans;
  }

  connecting(connection: object, server: Server): void {
    const active = context.active();
    if (this.#open.has(connection) || tallyOf(active) !== undefined || !wantsSpan(active, this.#rootSpans !== 'all')) return;
    const attributes = {
      [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_REDIS,
      [ATTR_DB_OPERATION_NAME]: SPAN_CONNECT,
      [ATTR_DB_NAMESPACE]: server.namespace,
      [ATTR_SERVER_ADDRESS]: server.address,
      [ATTR_SERVER_PORT]: server.port,
    };
    this.#open.set(connection, this.#source.tracer().startSpan(SPAN_CONNECT, { kind: SpanKind.CLIENT, attributes }, active));
  }

  isOpening(connection: object): boolean {
    return this.#open.has(connection);
  }

  /** The connection can be used, or the app has given it up. */
  ready(connection: object): void {
    this.end(connection, undefined);
  }

  failed(connection: object, error: unknown): void {
    if (this.#open.has(connection)) this.end(connection, describeError(error).type);
  }

  /** @param errorType where it has failed */
  end(connection: object, errorType: string | undefined): void {
    const span = this.#open.get(connection);
    if (span === undefined) return;
    this.#open.delete(connection);
    if (errorType !== undefined) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType);
      span.setStatus({ code: SpanStatusCode.ERROR, message: errorType });
    }
    span.end();
  }
}
