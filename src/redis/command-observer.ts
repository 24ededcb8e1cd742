// What happens around each command: span, duration, tally, logs. On the hot path of every Redis call of the app.
import {
  type Context,
  type Counter,
  context,
  type Histogram,
  INVALID_TRACEID,
  type Span,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { tallyOf } from '../context/command-tally.js';
import { CALL, isHelperOfCluster, OPERATION, OWN, type RedisClient, type RedisCommand } from './client.js';
import { type CommandForm, type CommandKind, kindOf } from './command-kind.js';
import { logCommand, SlowCommands } from './command-log.js';
import { endpointOf } from './endpoint.js';
import { describeError } from './error-type.js';
import { KeyTrace } from './key-trace.js';
import { Operation, type OperationSink } from './operation.js';
import type { RedisSettings } from './settings.js';
import { markFailed, markFailedCommands, markNode } from './span-outcome.js';
import { statementOf } from './statement.js';

/** Where the observers get what the SDK gives the instrumentation, and may replace. */
export interface Instruments {
  readonly tracer: Tracer;
  readonly duration: Histogram;
  readonly slowCommands: Counter;
  readonly keyTraces: Counter;
}

export class CommandObserver implements OperationSink {
  readonly #instruments: Instruments;
  readonly #settings: RedisSettings;
  readonly #slowCommands: SlowCommands;
  readonly #slowMs: number;
  readonly #keyTrace: KeyTrace | undefined;
  /** Names of the commands that the command log leaves out; undefined when there is no command log. */
  readonly #logSkip: ReadonlySet<string> | undefined;

  constructor(instruments: Instruments, settings: RedisSettings) {
    this.#instruments = instruments;
    this.#settings = settings;
    this.#slowCommands = new SlowCommands(instruments, settings);
    this.#slowMs = settings.slowMs === 0 ? Number.POSITIVE_INFINITY : settings.slowMs;
    this.#keyTrace = settings.keyTrace.length === 0 ? undefined : new KeyTrace(instruments, settings.keyTrace, settings.keyTraceTtlSeconds);
    this.#logSkip = settings.commandLog ? new Set(settings.commandLogSkip.map((name) => name.toLowerCase())) : undefined;
  }

  /** Begins to observe a command; undefined when it is observed already (sent again) or is not the app's. */
  begin(client: RedisClient, command: RedisCommand): Operation | undefined {
    const known = command[OPERATION];
    if (known !== undefined && !known.isOver()) {
      known.client = client;
      return undefined;
    }
    if (command[OWN] === true || isConnectionsOwn(client, command)) return undefined;
    const kind = kindOf(command.name);
    const name = kind.operation[formOf(command, kind)];
    const call = command[CALL];
    const active = call?.context ?? context.active();
    const operation = new Operation(this, client, command, kind, name, active, call?.start ?? performance.now());
    const tally = tallyOf(active);
    if (tally !== undefined) {
      operation.tally = tally;
      tally.calls++;
    } else if (wantsSpan(active, this.#settings.requireParent)) {
      operation.span = this.#startSpan(operation);
    }
    this.#keyTrace?.began(operation);
    operation.watch();
    command[OPERATION] = operation;
    return operation;
  }

  ended(operation: Operation, milliseconds: number, failed: boolean, outcome: unknown): void {
    const { tally, span, kind } = operation;
    if (tally !== undefined) tally.timeMs += milliseconds;
    const endpoint = endpointOf(operation.client);
    const problem = failed ? describeError(outcome) : undefined;
    const attributes =
      problem === undefined ? endpoint.attributesOf(operation.name) : endpoint.attributesOfFailure(operation.name, problem.type);
    this.#instruments.duration.record(milliseconds / 1000, attributes, operation.context);
    if (milliseconds >= this.#slowMs) this.#slowCommands.note(operation, milliseconds, problem?.type);
    if (this.#logSkip !== undefined && !this.#logSkip.has(kind.name)) logCommand(operation, milliseconds, problem?.type, this.#settings);
    if (!failed) this.#keyTrace?.succeeded(operation, outcome);
    if (span === undefined) return;
    if (endpoint !== operation.endpoint) markNode(span, endpoint);
    if (problem !== undefined) markFailed(span, problem);
    else if (kind.name === 'exec') markFailedCommands(span, outcome);
    span.end();
  }

  #startSpan({ kind, name, endpoint, command, context: parent }: Operation): Span {
    const { statement } = this.#settings;
    const shown = statement === 'key' ? statementOf(kind, command.args) : statement === 'command' ? kind.name : undefined;
    return this.#instruments.tracer.startSpan(kind.name, endpoint.spanOptionsOf(name, shown), parent);
  }
}

/**
 * Whether a call in `active` gets a span. Below an unsampled span of this process it would not be sampled either (samplers decide by the trace
 * id or by the parent), so the work of asking is saved; a parent in another process is asked about.
 */
export function wantsSpan(active: Context, requireParent: boolean): boolean {
  const parent = trace.getSpan(active);
  const spanContext = parent?.spanContext();
  if (parent === undefined || spanContext === undefined || spanContext.traceId === INVALID_TRACEID) {
    return !requireParent && !isTracingSuppressed(active);
  }
  if ((spanContext.traceFlags & TraceFlags.SAMPLED) === 0 && spanContext.isRemote !== true && !parent.isRecording()) return false;
  return !isTracingSuppressed(active);
}

function formOf(command: RedisCommand, kind: CommandKind): CommandForm {
  if (kind.name === 'multi' || kind.name === 'exec') return 'plain';
  if (command.inTransaction === true) return 'multi';
  return command.pipelineIndex === undefined ? 'plain' : 'pipeline';
}

/** What ioredis sends by itself: while it sets a connection up (the `connect` span covers it), and to find its way in a cluster. */
function isConnectionsOwn(client: RedisClient, { name, args }: RedisCommand): boolean {
  if (client.status === 'connect') return SETUP_COMMANDS.has(name);
  // ioredis 4 names its connections when they are ready.
  if (name === 'client') return args[0] === 'setname' && args[1] === client.options.connectionName;
  return name === 'asking' || isHelperOfCluster(client);
}

const SETUP_COMMANDS: ReadonlySet<string> = new Set(['auth', 'client', 'hello', 'info', 'readonly', 'select', 'cluster']);
