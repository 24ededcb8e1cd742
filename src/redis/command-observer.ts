// What happens around each command: span, duration, tally. On the hot path of every Redis call of the app.
import { type Context, context, type Histogram, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_RESPONSE_STATUS_CODE,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { tallyOf } from '../context/command-tally.js';
import { CALLER, OPERATION, type RedisClient, type RedisCommand } from './client.js';
import { type CommandForm, type CommandKind, kindOf } from './command-kind.js';
import { endpointOf } from './endpoint.js';
import { describeError, type RedisError } from './error-type.js';
import { DB_SYSTEM_REDIS } from './names.js';
import { Operation, type OperationSink } from './operation.js';
import type { RedisSettings } from './settings.js';
import { statementOf } from './statement.js';

/** Where the observer gets what the SDK replaces. */
export interface Instruments {
  readonly tracer: Tracer;
  readonly duration: Histogram;
}

export class CommandObserver implements OperationSink {
  readonly #instruments: Instruments;
  readonly #settings: RedisSettings;

  constructor(instruments: Instruments, settings: RedisSettings) {
    this.#instruments = instruments;
    this.#settings = settings;
  }

  /** Begins to observe a command; undefined when it is observed already (sent again) or is not the app's. */
  begin(client: RedisClient, command: RedisCommand): Operation | undefined {
    const known = command[OPERATION];
    if (known !== undefined && !known.isOver(command)) {
      known.client = client;
      return undefined;
    }
    if (isConnectionSetup(client, command.name)) return undefined;
    const kind = kindOf(command.name);
    const name = kind.operation[formOf(command, kind)];
    const active = command[CALLER] ?? context.active();
    const tally = tallyOf(active);
    if (tally !== undefined) tally.calls++;
    const span = tally === undefined && this.#wantsSpan(active) ? this.#startSpan(client, command, kind, name, active) : undefined;
    const operation = new Operation(this, client, command, kind, name, active, span, tally);
    operation.watch(command);
    command[OPERATION] = operation;
    return operation;
  }

  ended(operation: Operation, milliseconds: number, failed: boolean, error: unknown): void {
    const { tally, span } = operation;
    if (tally !== undefined) tally.timeMs += milliseconds;
    const endpoint = endpointOf(operation.client);
    const problem = failed ? describeError(error) : undefined;
    const attributes =
      problem === undefined ? endpoint.attributesOf(operation.name) : endpoint.attributesOfFailure(operation.name, problem.type);
    this.#instruments.duration.record(milliseconds / 1000, attributes, operation.context);
    if (span === undefined) return;
    if (problem !== undefined) markFailed(span, problem);
    span.end();
  }

  #wantsSpan(active: Context): boolean {
    if (this.#settings.requireParent && trace.getSpan(active) === undefined) return false;
    return !isTracingSuppressed(active);
  }

  #startSpan(client: RedisClient, command: RedisCommand, kind: CommandKind, name: string, active: Context): Span {
    const endpoint = endpointOf(client);
    const { statement } = this.#settings;
    return this.#instruments.tracer.startSpan(
      kind.name,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_REDIS,
          [ATTR_DB_OPERATION_NAME]: name,
          [ATTR_DB_NAMESPACE]: endpoint.namespace,
          [ATTR_DB_QUERY_TEXT]:
            statement === 'key' ? statementOf(kind, command.name, command.args) : statement === 'command' ? kind.name : undefined,
          [ATTR_SERVER_ADDRESS]: endpoint.address,
          [ATTR_SERVER_PORT]: endpoint.port,
        },
      },
      active,
    );
  }
}

function formOf(command: RedisCommand, kind: CommandKind): CommandForm {
  if (kind.name === 'multi' || kind.name === 'exec') return 'plain';
  if (command.inTransaction === true) return 'multi';
  return command.pipelineIndex === undefined ? 'plain' : 'pipeline';
}

function markFailed(span: Span, problem: RedisError): void {
  span.setAttribute(ATTR_ERROR_TYPE, problem.type);
  if (problem.statusCode !== undefined) span.setAttribute(ATTR_DB_RESPONSE_STATUS_CODE, problem.statusCode);
  span.addEvent('exception', { [ATTR_EXCEPTION_TYPE]: problem.className, [ATTR_EXCEPTION_MESSAGE]: problem.type });
  span.setStatus({ code: SpanStatusCode.ERROR, message: problem.type });
}

/** What ioredis sends by itself while a connection is set up; the `connect` span covers it. */
function isConnectionSetup(client: RedisClient, name: string): boolean {
  if (name === 'asking') return true;
  return client.status === 'connect' && SETUP_COMMANDS.has(name);
}

const SETUP_COMMANDS: ReadonlySet<string> = new Set(['auth', 'client', 'hello', 'info', 'readonly', 'select']);
