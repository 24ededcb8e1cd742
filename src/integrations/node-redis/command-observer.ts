// Observes the commands of node-redis: which of them are the app's, and from when on. On the hot
// path of every Redis call of the app.

import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { activeContext } from '../../context/context-manager.js';
import type { RootSpans } from '../../observe/caller.js';
import { type CommandForm, type CommandKind, kindOf } from '../../observe/redis/command-kind.js';
import { CommandRecorder, type RedisInstruments } from '../../observe/redis/command-recorder.js';
import { KeyTrace } from '../../observe/redis/key-trace.js';
import type { RedisSettings } from '../../observe/redis/settings.js';
import type { CommandOptions, QueuedCommand } from './client.js';
import { companionConnection, isOwn } from './companion-connection.js';
import type { Connection } from './connection.js';
import { Held, Operation } from './operation.js';
import { isPipelining } from './pipeline.js';
import { takeHeld } from './redirection.js';

/** The context in which a cluster client or a Sentinel client finds its way. */
export const DISCOVERY: Context = ROOT_CONTEXT.setValue(createContextKey('sietch-otel.node-redis.discovery'), true);

/** Why a command never got into the queue. */
export type Refusal = 'closed' | 'offline' | 'full' | 'aborted';

/** Errors in the place of node-redis' own, which only the app gets. */
const REFUSALS: Readonly<Record<Refusal, Error>> = {
  closed: namedError('ClientClosedError', 'The client is closed'),
  offline: namedError('ClientOfflineError', 'The client is offline'),
  full: namedError('Error', 'The queue is full'),
  aborted: namedError('AbortError', 'The command was aborted'),
};

export class CommandObserver {
  readonly #recorder: CommandRecorder<Operation>;
  readonly #keyTrace: KeyTrace<Operation> | undefined;

  constructor(instruments: RedisInstruments, settings: RedisSettings, rootSpans: RootSpans) {
    this.#keyTrace =
      settings.keyTrace.length === 0
        ? undefined
        : new KeyTrace(instruments, settings, ({ connection }: Operation) => companionConnection(connection));
    this.#recorder = new CommandRecorder(instruments, settings, rootSpans, this.#keyTrace);
  }

  /** Called when a command gets into the queue of a connection. */
  queued(connection: Connection, queued: QueuedCommand, options: CommandOptions | undefined): void {
    const words = queued.args;
    const kind = kindOf(nameIn(words));
    if (isOwn() || isConnectionsOwn(connection, kind, options)) return;
    const again = takeHeld(words);
    if (again instanceof Held) {
      again.operation.connection = connection;
      again.operation.watch(queued);
      return;
    }
    this.#begin(connection, words, kind, formOf(connection, kind, options)).watch(queued);
  }

  /** Called when a command was refused before it got into the queue. */
  refused(connection: Connection, words: readonly unknown[], reason: Refusal): void {
    const kind = kindOf(nameIn(words));
    this.#begin(connection, words, kind, isPipelining() ? 'pipeline' : 'plain').end(true, REFUSALS[reason]);
  }

  #begin(connection: Connection, words: readonly unknown[], kind: CommandKind, form: CommandForm): Operation {
    const recorder = this.#recorder;
    const target = connection.endpoint.targetOf(kind.operation[form], kind);
    const caller = recorder.callers.of(activeContext());
    recorder.loopBlocks?.watch();
    const operation = new Operation(recorder, connection, words, target, caller);
    recorder.began(operation);
    this.#keyTrace?.began(operation, connection);
    return operation;
  }
}

/** Names are text; raw commands may have one of bytes. */
function nameIn(words: readonly unknown[]): string {
  const [name] = words;
  if (typeof name === 'string') return name;
  return Buffer.isBuffer(name) ? name.toString('latin1', 0, 64) : '';
}

function formOf(connection: Connection, { name }: CommandKind, options: CommandOptions | undefined): CommandForm {
  const chainId = options?.chainId;
  if (name === 'multi') {
    connection.transaction = chainId;
    return 'plain';
  }
  if (name === 'exec') return 'plain';
  if (chainId !== undefined && chainId === connection.transaction) return 'multi';
  return isPipelining() ? 'pipeline' : 'plain';
}

/**
 * Whether node-redis sends a command by itself: while it sets a connection up (the `connect` span
 * covers it), and to find its way in a cluster or to the server that Sentinels name.
 */
function isConnectionsOwn(connection: Connection, { name }: CommandKind, options: CommandOptions | undefined): boolean {
  if (name === 'asking') return true;
  if (options?.asap === true && SETUP_COMMANDS.has(name) && !connection.isReady) return true;
  return DISCOVERY_COMMANDS.has(name) && activeContext() === DISCOVERY;
}

const SETUP_COMMANDS: ReadonlySet<string> = new Set(['auth', 'client', 'hello', 'readonly', 'select']);
const DISCOVERY_COMMANDS: ReadonlySet<string> = new Set(['cluster', 'psubscribe', 'role', 'sentinel']);

function namedError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
