// Remembers who wrote a key: after a write in a sampled trace, the traceparent goes into a
// companion key, on the same connection, without the app waiting for it. No other key is touched,
// and what cannot be written is counted.
import { type Attributes, type Counter, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { companionOf, isCompanion } from './companion-key.js';
import { describeError } from './error-type.js';
import { ATTR_OUTCOME } from './names.js';
import type { ObservedCommand } from './observed-command.js';
import type { RedisSettings } from './settings.js';
import { isInTransaction, joinTransaction, succeededIn } from './transaction.js';
import { affectedKeys, type Effect, effectOf } from './written-keys.js';

/** Companions under way at once; more are dropped and counted. */
const MAX_PENDING = 1000;
/** Keys of one command. */
const MAX_KEYS = 100;

/**
 * In one step, so that no EXPIRE of the app's gets between the question and the write. A key that
 * is gone gets no companion. A millisecond less than is left: the clock may move on between the
 * two.
 */
const WRITE_FOR_REST_OF_LIFE = `local left = redis.call('PTTL', KEYS[1])
local most = tonumber(ARGV[1])
if left > 0 then left = left - 1 end
if left == -1 or left > most then left = most end
if left <= 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', left)
return 1`;
const LIVE_AS_LONG = `local left = redis.call('PTTL', KEYS[1])
if left > 0 and left < tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[2], left - 1) end
return 0`;

/** A connection of the app's, as far as commands of ours are sent on it. */
export interface CompanionConnection {
  /** The client's object for the connection. */
  readonly connection: object;
  /** Whether a command would be sent now, past every queue for what is not connected. */
  isReady(): boolean;
  /** Sends a command as it is: without the client's key prefix, neither traced nor recorded. */
  send(name: string, args: readonly string[]): Promise<unknown>;
}

export class KeyTrace<Command extends ObservedCommand> {
  readonly #instruments: { keyTraces(): Counter };
  readonly #connectionOf: (command: Command) => CompanionConnection;
  readonly #patterns: readonly RegExp[];
  readonly #maxMs: number;
  #pending = 0;

  constructor(
    instruments: { keyTraces(): Counter },
    settings: Pick<RedisSettings, 'keyTrace' | 'keyTraceTtlSeconds'>,
    connectionOf: (command: Command) => CompanionConnection,
  ) {
    this.#instruments = instruments;
    this.#connectionOf = connectionOf;
    this.#patterns = settings.keyTrace.map(toRegExp);
    this.#maxMs = settings.keyTraceTtlSeconds * 1000;
  }

  /** @param connection the client's object for the connection that `command` is sent on */
  began(command: Command, connection: object): void {
    joinTransaction(connection, command);
  }

  /** The writes of a transaction are known when EXEC has answered. */
  succeeded(command: Command, reply: unknown): void {
    const { transaction } = command;
    if (transaction === undefined) this.#remember(command, reply, command);
    else if (command.kind.name === 'exec') {
      for (const [inner, innerReply] of succeededIn(transaction, reply)) this.#remember(inner, innerReply, command);
    }
  }

  /** @param sentWith a command that was sent on the same connection */
  #remember(command: ObservedCommand, reply: unknown, sentWith: Command): void {
    // Libraries whose calls are tallied (BullMQ) carry the trace in their own way.
    if (command.caller.tally !== undefined) return;
    const writer = writerOf(command);
    if (writer === undefined) return;
    const { kind, args } = command;
    const effect = effectOf(kind, args, reply);
    if (effect === undefined) return;
    for (const key of affectedKeys(kind, args).slice(0, MAX_KEYS)) {
      const text = keyText(key);
      const companion = this.#companionFor(text);
      if (companion !== undefined) this.#start(() => this.#follow(this.#connectionOf(sentWith), effect, text, companion, writer));
    }
  }

  #companionFor(key: string): string | undefined {
    if (key === '' || isCompanion(key) || !this.#patterns.some((pattern) => pattern.test(key))) return undefined;
    const companion = companionOf(key);
    if (companion === undefined) this.#count('dropped');
    return companion;
  }

  /**
   * Sent at once, hence in the order of the app's commands on this connection. Whether a companion
   * was written.
   */
  async #follow(connection: CompanionConnection, effect: Effect, key: string, companion: string, writer: SpanContext): Promise<boolean> {
    const most = String(this.#maxMs);
    if (effect === 'expires') {
      await send(connection, 'eval', [LIVE_AS_LONG, '2', key, companion, most]);
      return false;
    }
    const traceparent = `00-${writer.traceId}-${writer.spanId}-01`;
    if (effect === 'wrote')
      return Number(await send(connection, 'eval', [WRITE_FOR_REST_OF_LIFE, '2', key, companion, most, traceparent])) === 1;
    await send(connection, 'set', [companion, traceparent, 'PX', most]);
    return true;
  }

  #start(run: () => Promise<boolean>): void {
    if (this.#pending >= MAX_PENDING) {
      this.#count('dropped');
      return;
    }
    this.#pending++;
    run().then(
      (written) => {
        this.#pending--;
        if (written) this.#count('written');
      },
      (error: unknown) => {
        this.#pending--;
        if (error instanceof NotUsable) this.#count('dropped');
        else this.#count('failed', describeError(error).type);
      },
    );
  }

  #count(outcome: 'written' | 'dropped' | 'failed', errorType?: string): void {
    const attributes: Attributes = { [ATTR_OUTCOME]: outcome };
    if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
    this.#instruments.keyTraces().add(1, attributes);
  }
}

/** The connection cannot take a command of ours now. */
class NotUsable extends Error {}

/** Never waits in a queue for a connection, and never gets between the app's MULTI and EXEC. */
async function send(connection: CompanionConnection, name: string, args: readonly string[]): Promise<unknown> {
  if (!connection.isReady() || isInTransaction(connection.connection)) throw new NotUsable();
  return connection.send(name, args);
}

/**
 * The span of the write where there is one, else the span it was made in; undefined when that trace
 * is not kept.
 */
function writerOf(command: ObservedCommand): SpanContext | undefined {
  const spanContext = command.span?.spanContext() ?? trace.getSpanContext(command.caller.context);
  return spanContext === undefined || (spanContext.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : spanContext;
}

/** Keys are text or bytes; bytes that are not UTF-8 match no pattern. */
function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  if (!Buffer.isBuffer(key)) return '';
  const text = key.toString('utf8');
  return text.includes('\uFFFD') ? '' : text;
}

/** `*` is any text, `?` one character; everything else is itself. */
function toRegExp(pattern: string): RegExp {
  const source = pattern
    .replace(/\*+/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}
