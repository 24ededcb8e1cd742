// Records each Redis command when it has its answer: duration, span, tally, logs. On the hot path
// of every call of the app.
import type { Counter, Histogram, Span } from '@opentelemetry/api';
import { onSettingsChange } from '../../config/live-settings.js';
import { epochMillis } from '../../sdk/trace/span-time.js';
import { type Caller, Callers, type RootSpans, type TracerSource } from '../caller.js';
import type { EventLoopBlocks } from '../event-loop-blocks.js';
import { running } from '../running-operations.js';
import type { SpanModel } from '../span-model.js';
import { logCommand, SlowCommands } from './command-log.js';
import { describeError } from './error-type.js';
import type { KeyTrace } from './key-trace.js';
import type { ObservedCommand } from './observed-command.js';
import type { RedisSettings } from './settings.js';
import { markFailed, markFailedCommands, markNode } from './span-outcome.js';

/** Tracer and instruments, which the SDK gives the instrumentation and may replace. */
export interface RedisInstruments extends TracerSource {
  duration(): Histogram;
  slowCommands(): Counter;
  keyTraces(): Counter;
}

export class CommandRecorder<Command extends ObservedCommand> {
  /** Tells which callers want spans. */
  readonly callers: Callers;
  loopBlocks: EventLoopBlocks | undefined;
  readonly #instruments: RedisInstruments;
  readonly #settings: RedisSettings;
  readonly #slowCommands: SlowCommands;
  #slowMs = Number.POSITIVE_INFINITY;
  readonly #keyTrace: KeyTrace<Command> | undefined;
  /**
   * Names of the commands that the command log leaves out; undefined when there is no command log.
   */
  #logSkip: ReadonlySet<string> | undefined;
  /** A log or the traces of keys want to know of commands that have nothing special. */
  #looksAtAll = false;

  /** @param keyTrace undefined: no writers of keys are remembered */
  constructor(instruments: RedisInstruments, settings: RedisSettings, rootSpans: RootSpans, keyTrace: KeyTrace<Command> | undefined) {
    this.#instruments = instruments;
    this.#settings = settings;
    this.#slowCommands = new SlowCommands(instruments, settings);
    this.#keyTrace = keyTrace;
    this.callers = new Callers(instruments, rootSpans);
    this.#useLogs();
    onSettingsChange(settings, () => this.#useLogs());
  }

  /** What the settings say of logs, which may change. */
  #useLogs(): void {
    const { slowMs, commandLog, commandLogSkip } = this.#settings;
    this.loopBlocks = this.#slowCommands.loopBlocks;
    this.#slowMs = slowMs === 0 ? Number.POSITIVE_INFINITY : slowMs;
    this.#logSkip = commandLog ? new Set(commandLogSkip.map((name) => name.toLowerCase())) : undefined;
    this.#looksAtAll = this.#keyTrace !== undefined || this.#logSkip !== undefined;
  }

  /** Called when `command` is about to be sent. */
  began(command: Command): void {
    const { caller } = command;
    running.add(command);
    if (caller.tally !== undefined) caller.tally.calls++;
    else if (caller.wantsSpan) this.#giveSpan(command);
  }

  #giveSpan(command: Command): void {
    command.model = command.target.modelOf(command.args, this.#settings.statement);
  }

  /**
   * Called once, when `command` has its answer.
   * @param outcome the reply as it came from the server, or the error
   */
  ended(command: Command, milliseconds: number, failed: boolean, outcome: unknown): void {
    const { caller, model, target } = command;
    running.remove(command);
    if (caller.tally !== undefined) caller.tally.timeMs += milliseconds;
    const isOrdinary = !failed && milliseconds < this.#slowMs && !this.#looksAtAll && target.kind.name !== 'exec';
    if (!isOrdinary || command.server !== target.endpoint) {
      this.#endedOtherwise(command, milliseconds, failed, outcome);
      return;
    }
    target.durations.of(this.#instruments.duration()).record(milliseconds / 1000, caller.sampledParent);
    if (model === undefined) return;
    const startMs = startOf(command, milliseconds);
    if (!this.#complete(caller, model, startMs, milliseconds)) this.#startSpan(caller, model, startMs).end(startMs + milliseconds);
  }

  /** The usual end of a command, without a span object of its own. */
  #complete({ deferred }: Caller, { shape }: SpanModel, startMs: number, milliseconds: number): boolean {
    if (shape === undefined || deferred?.parent === undefined || !deferred.isSampled) return false;
    return deferred.tracer.complete(shape, deferred.parent, startMs, milliseconds);
  }

  #endedOtherwise(command: Command, milliseconds: number, failed: boolean, outcome: unknown): void {
    const { kind, name, server } = command;
    const problem = failed ? describeError(outcome) : undefined;
    const series = problem === undefined ? server.durations.succeeded(name) : server.durations.failed(name, problem.type);
    series.of(this.#instruments.duration()).record(milliseconds / 1000, command.caller.sampledParent);
    const slow = milliseconds < this.#slowMs ? undefined : this.#slowCommands.slowTime(command, milliseconds);
    if (command.caller.root === 'errors' && (slow !== undefined || (failed && !kind.isUpkeep))) {
      this.#giveSpan(command);
    }
    const startMs = startOf(command, milliseconds);
    if (command.model !== undefined) command.span = this.#startSpan(command.caller, command.model, startMs);
    if (slow !== undefined) this.#slowCommands.report(command, slow, problem?.type);
    if (this.#logSkip !== undefined && !this.#logSkip.has(kind.name)) logCommand(command, milliseconds, problem?.type, this.#settings);
    if (!failed) this.#keyTrace?.succeeded(command, outcome);
    const { span } = command;
    if (span === undefined) return;
    if (server !== command.target.endpoint) markNode(span, server);
    if (problem !== undefined) markFailed(span, problem, startMs + milliseconds);
    else if (kind.name === 'exec') markFailedCommands(span, outcome);
    span.end(startMs + milliseconds);
  }

  #startSpan({ context }: Caller, { name, options }: SpanModel, startMs: number): Span {
    return this.#instruments.tracer().startSpan(name, { ...options, startTime: startMs }, context);
  }
}

/** The start of a command that has ended just now, in milliseconds of the epoch. */
function startOf({ startedAt }: ObservedCommand, milliseconds: number): number {
  return epochMillis(startedAt + milliseconds) - milliseconds;
}
