// The class of an error, without its message: messages of Redis quote keys and values, messages of
// Lua scripts anything.
import { OTHER } from '../../sdk/metrics/overflow.js';

/**
 * Simple error prefixes of Redis and of Cluster and Sentinel; scripts can make up more, which stay
 * out of telemetry.
 */
const PREFIXES: ReadonlySet<string> = new Set(
  `ASK BUSY BUSYGROUP BUSYKEY CLUSTERDOWN CROSSSLOT DENIED ERR EXECABORT FAILOVER INPROG INVALIDOBJ IOERR LOADING MASTERDOWN MISCONF MOVED
  NOAUTH NOGOODSLAVE NOGROUP NOMASTERLINK NOPERM NOPROTO NOREPLICAS NOSCRIPT NOTBUSY NOTREADY OOM READONLY TRYAGAIN UNBLOCKED UNKILLABLE
  WRONGPASS WRONGTYPE`.split(/\s+/),
);

/** Messages of ioredis and node-redis themselves, which are fixed texts. */
const CLIENT_ERRORS: readonly (readonly [start: string, type: string])[] = [
  ['Command timed out', 'timeout'],
  ['Connection is closed', 'connection_closed'],
  ["Stream isn't writeable", 'not_connected'],
  ["Cluster isn't ready", 'not_connected'],
  ['Too many Cluster redirections', 'too_many_redirections'],
  ['Connection in subscriber mode', 'subscriber_mode'],
  ['The client is closed', 'connection_closed'],
  ['Disconnects client', 'connection_closed'],
  ['Socket closed unexpectedly', 'connection_closed'],
  ['The client is offline', 'not_connected'],
  ['Connection timeout', 'timeout'],
  ['Socket timeout', 'timeout'],
  ['Command timeout', 'timeout'],
  ['The command was aborted', 'aborted'],
  ['The queue is full', 'queue_full'],
  ['Cannot send commands in PubSub mode', 'subscriber_mode'],
];

/** The value of `error.type`. */
export interface RedisError {
  /**
   * Prefix of the server's reply (`WRONGTYPE`), code of the system (`ECONNREFUSED`), one of ours
   * for the client's own errors, or the class name.
   */
  readonly type: string;
  /** The prefix, when the server answered with an error. */
  readonly statusCode: string | undefined;
  /** Class of the error object. */
  readonly className: string;
}

/**
 * Classes of what the server answers with: of ioredis and node-redis 4.0; of node-redis 4; 5 and 6.
 */
const REPLIES: ReadonlySet<string> = new Set(['ReplyError', 'ErrorReply', 'SimpleError', 'BlobError']);

/** Never throws and never shows any part of the message but a known prefix. */
export function describeError(thrown: unknown): RedisError {
  const error = causeOf(thrown);
  if (!(error instanceof Error)) return { type: OTHER, statusCode: undefined, className: typeof error };
  const className = classNameOf(error);
  const message = String(error.message);
  if (REPLIES.has(className)) {
    const prefix = message.slice(0, message.search(/[^A-Z]|$/));
    const statusCode = PREFIXES.has(prefix) ? prefix : undefined;
    return { type: statusCode ?? className, statusCode, className };
  }
  const own = CLIENT_ERRORS.find(([start]) => message.startsWith(start))?.[1];
  const code = 'code' in error && typeof error.code === 'string' && /^E[A-Z_0-9]{2,30}$/.test(error.code) ? error.code : undefined;
  return { type: own ?? code ?? className, statusCode: undefined, className };
}

/** The reconnect strategy of a node-redis app has given up, for a reason. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && 'socketError' in error && error.socketError instanceof Error ? error.socketError : error;
}

/** Errors of node-redis have the name `Error`, whatever their class. */
function classNameOf(error: Error): string {
  const name = error.name === 'Error' ? error.constructor?.name : error.name;
  return typeof name === 'string' && /^[A-Za-z]{1,40}$/.test(name) ? name : 'Error';
}
