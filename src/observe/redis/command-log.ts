// Log lines of commands: the slow ones, counted always but logged at most ten times a second (when
// Redis hangs, every command is slow); and, every command when SIETCH_OTEL_REDIS_COMMAND_LOG is on.
import { type Attributes, type Context, type Counter, trace } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { onSettingsChange } from '../../config/live-settings.js';
import { keepTraceIn } from '../../context/trace-recording.js';
import { logEvent } from '../../logging/event-log.js';
import { EventLoopBlocks } from '../event-loop-blocks.js';
import { LogLimit } from '../log-limit.js';
import { ATTR_DURATION_MS, ATTR_LOOP_BLOCKED_MS, ATTR_UNLOGGED, EVENT_COMMAND, EVENT_SLOW_COMMAND } from './names.js';
import type { ObservedCommand } from './observed-command.js';
import type { RedisSettings } from './settings.js';
import { statementOf } from './statement.js';

/** How long a slow command took. */
export interface SlowTime {
  readonly durationMs: number;
  readonly loopBlockedMs: number;
}

export class SlowCommands {
  readonly #instruments: { slowCommands(): Counter };
  readonly #settings: RedisSettings;
  readonly #limit = new LogLimit();
  /** Undefined when nothing is slow by the settings. */
  loopBlocks: EventLoopBlocks | undefined;

  constructor(instruments: { slowCommands(): Counter }, settings: RedisSettings) {
    this.#instruments = instruments;
    this.#settings = settings;
    const useThreshold = () => {
      this.loopBlocks = settings.slowMs === 0 ? undefined : new EventLoopBlocks(settings.slowMs);
    };
    useThreshold();
    onSettingsChange(settings, useThreshold);
  }

  /**
   * `command` took `durationMs`. Undefined for commands that wait by design or are not the app's,
   * and when the time went by in this process.
   */
  slowTime(command: ObservedCommand, durationMs: number): SlowTime | undefined {
    if (command.kind.isBlocking || command.isLibrarysOwn) return undefined;
    const loopBlockedMs = this.loopBlocks?.blockedMs(command.startedAt) ?? 0;
    if (durationMs - loopBlockedMs >= this.#settings.slowMs) return { durationMs, loopBlockedMs };
    this.loopBlocks?.report('a Redis command', command.name, durationMs, loopBlockedMs);
    return undefined;
  }

  report(command: ObservedCommand, { durationMs, loopBlockedMs }: SlowTime, errorType: string | undefined): void {
    keepTraceIn(contextOf(command), 'slow_command');
    this.#instruments.slowCommands().add(1, { [ATTR_DB_OPERATION_NAME]: command.name });
    const unlogged = this.#limit.take();
    if (unlogged === undefined) return;
    const attributes = describe(command, durationMs, errorType, this.#settings);
    if (unlogged > 0) attributes[ATTR_UNLOGGED] = unlogged;
    if (loopBlockedMs > 0) attributes[ATTR_LOOP_BLOCKED_MS] = Math.round(loopBlockedMs);
    const message = `slow Redis command: ${command.name} took ${Math.round(durationMs)} ms`;
    logEvent({ level: 'warn', name: EVENT_SLOW_COMMAND, message, attributes, context: contextOf(command) });
  }
}

/** One line for each command, when the command log is on. */
export function logCommand(command: ObservedCommand, milliseconds: number, errorType: string | undefined, settings: RedisSettings): void {
  const attributes = describe(command, milliseconds, errorType, settings);
  logEvent({ level: 'debug', name: EVENT_COMMAND, message: command.name, attributes, context: contextOf(command) });
}

function describe(command: ObservedCommand, milliseconds: number, errorType: string | undefined, settings: RedisSettings): Attributes {
  const { server } = command;
  const attributes: Attributes = {
    [ATTR_DB_OPERATION_NAME]: command.name,
    [ATTR_DB_NAMESPACE]: server.namespace,
    [ATTR_DURATION_MS]: Math.round(milliseconds * 1000) / 1000,
  };
  if (settings.statement === 'key') attributes[ATTR_DB_QUERY_TEXT] = statementOf(command.kind, command.args);
  if (server.address !== undefined) attributes[ATTR_SERVER_ADDRESS] = server.address;
  if (server.port !== undefined) attributes[ATTR_SERVER_PORT] = server.port;
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
  return attributes;
}

/** With the command's own span where there is one: its ids are the ones to look for. */
function contextOf(command: ObservedCommand): Context {
  const { caller, span } = command;
  return span === undefined ? caller.context : trace.setSpan(caller.context, span);
}
