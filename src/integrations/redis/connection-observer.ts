// The span of opening a connection: from `connect` until it can be used or has failed. (Upstream's
// ends at once, as success: opentelemetry-js-contrib#289.) Seen in the client's status, so that
// neither its promises nor its listeners are touched.
import { context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { tallyOf } from '../../context/command-tally.js';
import { type RootSpans, type TracerSource, wantsSpan } from '../../observe/caller.js';
import { setHidden } from '../../observe/hidden-property.js';
import { describeError } from '../../observe/redis/error-type.js';
import { DB_SYSTEM_REDIS, SPAN_CONNECT } from '../../observe/redis/names.js';
import { isHelperOfCluster, type RedisClient } from './client.js';
import { endpointOf } from './endpoint.js';

const CONNECTING = Symbol('sietch-otel.redis.connecting');
type Connection = RedisClient & { [CONNECTING]?: Connecting | undefined };

/** A connection that is being opened. */
interface Connecting {
  readonly span: Span;
  errorType: string | undefined;
}

export class ConnectionObserver {
  readonly #source: TracerSource;
  readonly #rootSpans: RootSpans;

  constructor(source: TracerSource, rootSpans: RootSpans) {
    this.#source = source;
    this.#rootSpans = rootSpans;
  }

  /** Called before `connect`. */
  connecting(client: Connection): void {
    const active = context.active();
    if (client[CONNECTING] !== undefined || CONNECTED.has(client.status) || isHelperOfCluster(client)) return;
    if (tallyOf(active) !== undefined || !wantsSpan(active, this.#rootSpans !== 'all')) return;
    const endpoint = endpointOf(client);
    const attributes = {
      [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_REDIS,
      [ATTR_DB_OPERATION_NAME]: SPAN_CONNECT,
      [ATTR_DB_NAMESPACE]: endpoint.namespace,
      [ATTR_SERVER_ADDRESS]: endpoint.address,
      [ATTR_SERVER_PORT]: endpoint.port,
    };
    const span = this.#source.tracer().startSpan(SPAN_CONNECT, { kind: SpanKind.CLIENT, attributes }, active);
    setHidden(client, CONNECTING, { span, errorType: undefined } satisfies Connecting);
  }

  /** Called when ioredis reports an error of the connection. */
  failed(client: Connection, error: unknown): void {
    const connecting = client[CONNECTING];
    if (connecting !== undefined) connecting.errorType = describeError(error).type;
  }

  /** Called at each change of the client's status. */
  statusChanged(client: Connection, status: string): void {
    const connecting = client[CONNECTING];
    if (connecting === undefined || status === 'connecting' || status === 'connect') return;
    client[CONNECTING] = undefined;
    const { span, errorType = 'connection_closed' } = connecting;
    // Closed by the app itself before it was open: given up, not failed.
    if (status !== 'ready' && client.manuallyClosing !== true) {
      span.setAttribute(ATTR_ERROR_TYPE, errorType);
      span.setStatus({ code: SpanStatusCode.ERROR, message: errorType });
    }
    span.end();
  }
}

/**
 * Runs `connect` outside any trace: the connection outlives the request that opened it, and what
 * arrives on it later (messages, reconnections) is not part of that request.
 */
export function outsideTraces<T>(run: () => T): T {
  return context.with(ROOT_CONTEXT, run);
}

/** States in which `connect` refuses. */
const CONNECTED: ReadonlySet<string> = new Set(['connecting', 'connect', 'ready', 'monitoring']);
