// Patches the Logger of winston 3: each line carries its trace, and is sent as a log record where
// OTEL_LOGS_EXPORTER asks for it. Upstream's instrumentation writes its fields into the object that
// the app logs, and puts a transport into the app's own list of them, which two loggers may share.
import type { Context } from '@opentelemetry/api';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { activeContext } from '../../context/context-manager.js';
import { traceLogFields } from '../../context/log-fields.js';
import { isRecorderOn, keepForLog } from '../../context/trace-recording.js';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { sendLine, whilePrinting } from './line-record.js';
import { withFields } from './traced-info.js';
import { isErrorLine, isWritten, lineOf, type WinstonLogger } from './winston-line.js';

type Method = (this: WinstonLogger, given: unknown, ...rest: unknown[]) => unknown;

/** What is patched; `push` and `write` are those of a stream. */
interface LoggerPrototype {
  write: Method;
  _transform: Method;
  push: Method;
}

interface WinstonModule {
  /** Up to 3.2, a function that throws. */
  readonly Logger?: { readonly prototype?: object };
  createLogger?(): object;
}

export class WinstonInstrumentation extends InstrumentationBase {
  readonly #patches = new MethodPatches();
  readonly #sends: boolean;

  /** @param sends whether log records go anywhere */
  constructor(sends: boolean) {
    super('@sietch/otel/winston', DISTRO_VERSION, {});
    this.#sends = sends;
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'winston',
      [supportedRange('winston')],
      (exports: WinstonModule, version?: string) => {
        const prototype = loggerPrototype(exports);
        if (checkMembers('winston', version, prototype, ['write', '_transform', 'push']) && isLoggerPrototype(prototype)) {
          this.#patch(prototype);
        }
        return exports;
      },
      () => this.#patches.undo(),
    );
  }

  #patch(prototype: LoggerPrototype): void {
    const patches = this.#patches;
    const sends = this.#sends;
    /** A stream that is behind transforms a line later, in a context that is not the line's. */
    const contexts = new WeakMap<object, Context>();
    /** The context of the line that is being formatted. */
    let formatting: Context | undefined;

    patches.replace(prototype, 'write', (original) => {
      return function write(this: WinstonLogger, info, ...rest) {
        if (patches.isOn && typeof info === 'object' && info !== null) contexts.set(info, activeContext());
        return original.call(this, info, ...rest);
      };
    });
    patches.replace(prototype, '_transform', (original) => {
      return function transform(this: WinstonLogger, info, ...rest) {
        if (!patches.isOn || typeof info !== 'object' || info === null || this.silent) return original.call(this, info, ...rest);
        const before = formatting;
        formatting = contexts.get(info) ?? activeContext();
        if (isRecorderOn() && isErrorLine(this, info)) keepForLog(formatting);
        try {
          const run = (traced: object) => original.call(this, traced, ...rest);
          const fields = traceLogFields(formatting);
          return sends ? whilePrinting(() => withFields(info, fields, run)) : withFields(info, fields, run);
        } finally {
          formatting = before;
        }
      };
    });
    // What the formats made of a line: what they took out of it, or masked, is not sent.
    if (!sends) return;
    patches.replace(prototype, 'push', (original) => {
      const send = (logger: WinstonLogger, info: unknown) => this.#send(logger, info, formatting);
      return function push(this: WinstonLogger, info, ...rest) {
        if (patches.isOn && formatting !== undefined) send(this, info);
        return original.call(this, info, ...rest);
      };
    });
  }

  #send(logger: WinstonLogger, info: unknown, context: Context | undefined): void {
    if (typeof info !== 'object' || info === null || context === undefined) return;
    if (isWritten(logger, info)) sendLine(this.logger, lineOf(logger, info, context));
  }
}

/** From 3.3 on winston exports its class; before, it is behind every logger. */
function loggerPrototype({ Logger, createLogger }: WinstonModule): object | undefined {
  const exported = Logger?.prototype;
  if (exported !== undefined && '_transform' in exported) return exported;
  if (typeof createLogger !== 'function') return undefined;
  return Object.getPrototypeOf(Object.getPrototypeOf(createLogger()));
}

function isLoggerPrototype(value: object | undefined): value is LoggerPrototype {
  return value !== undefined && ['write', '_transform', 'push'].every((name) => typeof Reflect.get(value, name) === 'function');
}
