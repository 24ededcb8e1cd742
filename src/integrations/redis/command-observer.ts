// Observes the commands of ioredis: which of them are the app's, and from when on. On the hot path
// of every Redis call of the app.

import { activeContext } from '../../context/context-manager.js';
import type { RootSpans } from '../../observe/caller.js';
import { type CommandForm, type CommandKind, kindOf } from '../../observe/redis/command-kind.js';
import { CommandRecorder, type RedisInstruments } from '../../observe/redis/command-recorder.js';
import { type CompanionConnection, KeyTrace } from '../../observe/redis/key-trace.js';
import type { RedisSettings } from '../../observe/redis/settings.js';
import { isHelperOfCluster, isPipelinedCall, OBSERVED, OWN, type RedisClient, type RedisCommand } from './client.js';
import { endpointOf } from './endpoint.js';
import { Operation } from './operation.js';
import { isRedisLike, sendUnprefixed } from './unprefixed-command.js';

export class CommandObserver {
  readonly #recorder: CommandRecorder<Operation>;
  readonly #keyTrace: KeyTrace<Operation> | undefined;

  constructor(instruments: RedisInstruments, settings: RedisSettings, rootSpans: RootSpans) {
    this.#keyTrace = settings.keyTrace.length === 0 ? undefined : new KeyTrace(instruments, settings, connectionOf);
    this.#recorder = new CommandRecorder(instruments, settings, rootSpans, this.#keyTrace);
  }

  /**
   * Begins to observe a command; undefined when it is observed already (sent again) or is not the
   * app's.
   */
  begin(client: RedisClient, command: RedisCommand): Operation | undefined {
    const known = command[OBSERVED];
    if (known instanceof Operation) {
      known.client = client;
      return undefined;
    }
    if ((known !== undefined && known === command.resolve) || command[OWN] === true || isConnectionsOwn(client, command)) return undefined;
    const recorder = this.#recorder;
    const kind = kindOf(command.name);
    const target = endpointOf(client).targetOf(kind.operation[formOf(command, kind)], kind);
    const call = isPipelinedCall(known) ? known : undefined;
    const caller = recorder.callers.of(call?.context ?? activeContext());
    const start = call?.start ?? performance.now();
    recorder.loopBlocks?.watch();
    if (call?.start !== undefined) recorder.loopBlocks?.noteUnsent(start);
    const operation = new Operation(recorder, client, command, call?.pipeline, target, caller, start);
    recorder.began(operation);
    this.#keyTrace?.began(operation, client);
    operation.watch();
    return operation;
  }
}

function connectionOf({ client }: Operation): CompanionConnection {
  return {
    connection: client,
    isReady: () => client.status === 'ready' && isRedisLike(client),
    send: async (name, args) => (isRedisLike(client) ? sendUnprefixed(client, name, args, true) : undefined),
  };
}

function formOf(command: RedisCommand, kind: CommandKind): CommandForm {
  if (kind.name === 'multi' || kind.name === 'exec') return 'plain';
  if (command.inTransaction === true) return 'multi';
  return command.pipelineIndex === undefined ? 'plain' : 'pipeline';
}

/**
 * Whether ioredis sends a command by itself: while it sets a connection up (the `connect` span
 * covers it), and to find its way in a cluster.
 */
function isConnectionsOwn(client: RedisClient, { name, args }: RedisCommand): boolean {
  if (client.status === 'connect') return SETUP_COMMANDS.has(name);
  // ioredis 4 names its connections when they are ready.
  if (name === 'client') return args[0] === 'setname' && args[1] === client.options.connectionName;
  return name === 'asking' || isHelperOfCluster(client);
}

const SETUP_COMMANDS: ReadonlySet<string> = new Set(['auth', 'client', 'hello', 'info', 'readonly', 'select', 'cluster']);
