// Sends the lines of NestJS' own logger as log records, on request. It writes to stdout itself, not
// through `console`.
import { SeverityNumber } from '@opentelemetry/api-logs';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { activeContext } from '../../context/context-manager.js';
import { traceLogFields } from '../../context/log-fields.js';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { sendLine, whilePrinting } from './line-record.js';
import { errorFields } from './logged-value.js';

interface ConsoleLoggerPrototype {
  printMessages(this: unknown, messages: unknown[], context?: string, level?: string, stream?: string, stack?: unknown): void;
  /** Nest 11: what a line is as JSON, made anew for each. */
  getJsonLogObject?(this: unknown, message: unknown, options: unknown): object;
}

interface NestModule {
  readonly ConsoleLogger?: { readonly prototype: ConsoleLoggerPrototype };
}

/** NestJS has it from 8 on; it loads few versions apart from these. */
const SUPPORTED = ['>=8.0.0 <13'];

const SEVERITIES: Readonly<Record<string, SeverityNumber>> = {
  verbose: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

export class NestLoggerInstrumentation extends InstrumentationBase {
  readonly #patches = new MethodPatches();
  readonly #sends: boolean;

  /** @param sends whether log records go anywhere */
  constructor(sends: boolean) {
    super('@sietch/otel/nestjs', DISTRO_VERSION, {});
    this.#sends = sends;
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      '@nestjs/common',
      SUPPORTED,
      (exports: NestModule, version?: string) => {
        if (checkMembers('@nestjs/common', version, exports, ['ConsoleLogger.prototype.printMessages'])) this.#patch(exports);
        return exports;
      },
      () => this.#patches.undo(),
    );
  }

  #patch({ ConsoleLogger }: NestModule): void {
    const patches = this.#patches;
    const send = (messages: readonly unknown[], name: string | undefined, level: string, stack: unknown) => {
      for (const message of messages) this.#send(message, name, level, stack);
    };
    if (this.#sends) {
      patches.replace(ConsoleLogger?.prototype, 'printMessages', (original) => {
        return function printMessages(this: unknown, messages, name, level = 'log', ...rest) {
          if (!patches.isOn) return original.call(this, messages, name, level, ...rest);
          send(messages, name, level, rest[1]);
          return whilePrinting(() => original.call(this, messages, name, level, ...rest));
        };
      });
    }
    patches.replace(ConsoleLogger?.prototype, 'getJsonLogObject', (original) => {
      return function getJsonLogObject(this: unknown, message, options) {
        const line = original.call(this, message, options);
        return patches.isOn ? Object.assign(line, { ...traceLogFields(activeContext()), ...line }) : line;
      };
    });
  }

  #send(message: unknown, name: string | undefined, level: string, stack: unknown): void {
    const error = errorFields(message) ?? (typeof stack === 'string' ? { name: 'Error', message, stack } : undefined);
    sendLine(this.logger, {
      severityNumber: SEVERITIES[level] ?? SeverityNumber.INFO,
      severityText: level === 'log' ? 'info' : level,
      body: typeof message === 'function' ? message.name : (errorFields(message)?.message ?? message),
      // The key that nestjs-pino has it under.
      fields: name === undefined || name === '' ? {} : { context: name },
      left: NOTHING,
      exception: error,
      context: activeContext(),
    });
  }
}

const NOTHING: ReadonlySet<string> = new Set();
