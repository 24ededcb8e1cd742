// Observes each command: span, duration, tally, logs. On the hot path of every Redis call of the
// app.
import type { Counter, Histogram, Span } from '@opentelemetry/api';
import { activeContext } from '../../context/context-manager.js';
import { Callers, type TracerSource } from '../../observe/caller.js';
import type { EventLoopBlocks } from '../../observe/event-loop-blocks.js';
import type { SpanModel } from '../../observe/span-model.js';
import { epochMillis } from '../../sdk/trace/span-time.js';
import { CALL, isHelperOfCluster, OPERATION, OWN, type RedisClient, type RedisCommand } from './client.js';
import { type CommandForm, type CommandKind, kindOf } from './command-kind.js';
import { logCommand, SlowCommands } from './command-log.js';
import { endpointOf } from './endpoint.js';
import { describeError } from './error-type.js';
import { KeyTrace } from './key-trace.js';
import { Operation, type OperationSink } from './operation.js';
import type { RedisSettings } from './settings.js';
import { markFailed, markFailedCommands, markNode } from './span-outcome.js';

/** Tracer and instruments, which the SDK gives the instrumentation and may replace. */
export interface Instruments extends TracerSource {
  duration(): Histogram;
  slowCommands(): Counter;
  keyTraces(): Counter;
}

export class CommandObserver implements OperationSink {
  readonly #instruments: Instruments;
  readonly #settings: RedisSettings;
  readonly #slowCommands: SlowCommands;
  readonly #loopBlocks: EventLoopBlocks | undefined;
  readonly #slowMs: number;
  readonly #keyTrace: KeyTrace | undefined;
  /**
   * Names of the commands that the command log leaves out; undefined when there is no command log.
   */
  readonly #logSkip: ReadonlySet<string> | undefined;
  /** A log or the traces of keys want to know of commands that have nothing special. */
  readonly #looksAtAll: boolean;
  readonly #callers: Callers;

  constructor(instruments: Instruments, settings: RedisSettings) {
    this.#instruments = instruments;
    this.#settings = settings;
    this.#slowCommands = new SlowCommands(instruments, settings);
    this.#loopBlocks = this.#slowCommands.loopBlocks;
    this.#slowMs = settings.slowMs === 0 ? Number.POSITIVE_INFINITY : settings.slowMs;
    this.#keyTrace = settings.keyTrace.length === 0 ? undefined : new KeyTrace(instruments, settings.keyTrace, settings.keyTraceTtlSeconds);
    this.#callers = new Callers(instruments, settings.requireParent);
    this.#logSkip = settings.commandLog ? new Set(settings.commandLogSkip.map((name) => name.toLowerCase())) : undefined;
    this.#looksAtAll = this.#keyTrace !== undefined || this.#logSkip !== undefined;
  }

  /**
   * Begins to observe a command; undefined when it is observed already (sent again) or is not the
   * app's.
   */
  begin(client: RedisClient, command: RedisCommand): Operation | undefined {
    const known = command[OPERATION];
    if (known instanceof Operation) {
      known.client = client;
      return undefined;
    }
    if ((known !== undefined && known === command.resolve) || command[OWN] === true || isConnectionsOwn(client, command)) return undefined;
    const kind = kindOf(command.name);
    const target = endpointOf(client).targetOf(kind.operation[formOf(command, kind)], kind);
    const call = command[CALL];
    const caller = this.#callers.of(call?.context ?? activeContext());
    const start = call?.start ?? performance.now();
    this.#loopBlocks?.watch();
    if (call?.start !== undefined) this.#loopBlocks?.noteUnsent(start);
    const operation = new Operation(this, client, command, target, caller, start);
    if (caller.tally !== undefined) caller.tally.calls++;
    else if (caller.wantsSpan) {
      operation.model = target.modelOf(command.args, this.#settings.statement);
      operation.startMs = epochMillis(start);
    }
    this.#keyTrace?.began(operation);
    operation.watch();
    return operation;
  }

  ended(operation: Operation, milliseconds: number, failed: boolean, outcome: unknown): void {
    const { caller, model, target } = operation;
    if (caller.tally !== undefined) caller.tally.timeMs += milliseconds;
    const isOrdinary = !failed && milliseconds < this.#slowMs && !this.#looksAtAll && target.kind.name !== 'exec';
    if (!isOrdinary || endpointOf(operation.client) !== target.endpoint) {
      this.#endedOtherwise(operation, milliseconds, failed, outcome);
      return;
    }
    target.durations.of(this.#instruments.duration()).record(milliseconds / 1000, caller.sampledParent);
    if (model === undefined || this.#complete(operation, model, milliseconds)) return;
    this.#startSpan(operation, model).end(operation.startMs + milliseconds);
  }

  /** The usual end of a command, without a span object of its own. */
  #complete({ caller, startMs }: Operation, { shape }: SpanModel, milliseconds: number): boolean {
    const { deferred } = caller;
    if (shape === undefined || deferred?.isSampled !== true) return false;
    return deferred.tracer.complete(shape, deferred.parent, startMs, milliseconds);
  }

  #endedOtherwise(operation: Operation, milliseconds: number, failed: boolean, outcome: unknown): void {
    const { kind, model } = operation;
    const endpoint = endpointOf(operation.client);
    const problem = failed ? describeError(outcome) : undefined;
    const { name } = operation;
    const series = problem === undefined ? endpoint.durations.succeeded(name) : endpoint.durations.failed(name, problem.type);
    series.of(this.#instruments.duration()).record(milliseconds / 1000, operation.caller.sampledParent);
    if (model !== undefined) operation.span = this.#startSpan(operation, model);
    if (milliseconds >= this.#slowMs) this.#slowCommands.note(operation, milliseconds, problem?.type);
    if (this.#logSkip !== undefined && !this.#logSkip.has(kind.name)) logCommand(operation, milliseconds, problem?.type, this.#settings);
    if (!failed) this.#keyTrace?.succeeded(operation, outcome);
    const { span, startMs } = operation;
    if (span === undefined) return;
    if (endpoint !== operation.target.endpoint) markNode(span, endpoint);
    if (problem !== undefined) markFailed(span, problem, startMs + milliseconds);
    else if (kind.name === 'exec') markFailedCommands(span, outcome);
    span.end(startMs + milliseconds);
  }

  #startSpan({ kind, caller, startMs }: Operation, { options }: SpanModel): Span {
    return this.#instruments.tracer().startSpan(kind.name, { ...options, startTime: startMs }, caller.context);
  }
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
