// Log lines of commands: the slow ones, counted always but logged at most ten times a second (when Redis hangs, every command is slow); and,
// for who asks, all.
import { type Attributes, type Context, type Counter, trace } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { logEvent } from '../sdk/event-log.js';
import { endpointOf } from './endpoint.js';
import { ATTR_DURATION_MS, ATTR_UNLOGGED, EVENT_COMMAND, EVENT_SLOW_COMMAND } from './names.js';
import type { Operation } from './operation.js';
import type { RedisSettings } from './settings.js';
import { statementOf } from './statement.js';

const MAX_LOGGED_A_SECOND = 10;

export class SlowCommands {
  readonly #instruments: { readonly slowCommands: Counter };
  readonly #settings: RedisSettings;
  #second = 0;
  #logged = 0;
  #unlogged = 0;

  constructor(instruments: { readonly slowCommands: Counter }, settings: RedisSettings) {
    this.#instruments = instruments;
    this.#settings = settings;
  }

  /** `operation` took `milliseconds`; does nothing for commands that wait by design. */
  note(operation: Operation, milliseconds: number, errorType: string | undefined): void {
    if (operation.kind.blocking) return;
    this.#instruments.slowCommands.add(1, { [ATTR_DB_OPERATION_NAME]: operation.name });
    if (!this.#mayLog()) {
      this.#unlogged++;
      return;
    }
    const attributes = describe(operation, milliseconds, errorType, this.#settings);
    if (this.#unlogged > 0) attributes[ATTR_UNLOGGED] = this.#unlogged;
    this.#unlogged = 0;
    const message = `slow Redis command: ${operation.name} took ${Math.round(milliseconds)} ms`;
    logEvent({ level: 'warn', name: EVENT_SLOW_COMMAND, message, attributes, context: contextOf(operation) });
  }

  #mayLog(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#logged = 0;
    }
    return this.#logged++ < MAX_LOGGED_A_SECOND;
  }
}

/** One line for a command, for who asked for the command log. */
export function logCommand(operation: Operation, milliseconds: number, errorType: string | undefined, settings: RedisSettings): void {
  const attributes = describe(operation, milliseconds, errorType, settings);
  logEvent({ level: 'debug', name: EVENT_COMMAND, message: operation.name, attributes, context: contextOf(operation) });
}

function describe(operation: Operation, milliseconds: number, errorType: string | undefined, settings: RedisSettings): Attributes {
  const endpoint = endpointOf(operation.client);
  const attributes: Attributes = {
    [ATTR_DB_OPERATION_NAME]: operation.name,
    [ATTR_DB_NAMESPACE]: endpoint.namespace,
    [ATTR_DURATION_MS]: Math.round(milliseconds * 1000) / 1000,
  };
  if (settings.statement === 'key') attributes[ATTR_DB_QUERY_TEXT] = statementOf(operation.kind, operation.command.args);
  if (endpoint.address !== undefined) attributes[ATTR_SERVER_ADDRESS] = endpoint.address;
  if (endpoint.port !== undefined) attributes[ATTR_SERVER_PORT] = endpoint.port;
  if (errorType !== undefined) attributes[ATTR_ERROR_TYPE] = errorType;
  return attributes;
}

/** With the command's own span where there is one: its ids are the ones to look for. */
function contextOf(operation: Operation): Context {
  const { caller, span } = operation;
  return span === undefined ? caller.context : trace.setSpan(caller.context, span);
}
