// Patches the Logger of bunyan: each record carries its trace, and is sent as a log record where
// OTEL_LOGS_EXPORTER asks for it. Upstream's instrumentation adds a stream to each logger, which
// its `streams` then shows to the app, and replaces the class.
import type { Context } from '@opentelemetry/api';
import type { SeverityNumber } from '@opentelemetry/api-logs';
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { activeContext } from '../../context/context-manager.js';
import { traceLogFields } from '../../context/log-fields.js';
import { keepForLog } from '../../context/trace-recording.js';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { type Line, sendLine } from './line-record.js';
import { addFields } from './traced-info.js';

interface BunyanLogger {
  readonly streams: readonly { readonly level: number }[];
}

/** Made by bunyan for each line, so ours to add to. */
interface BunyanRecord {
  readonly level: number;
  readonly msg: string;
  readonly time?: unknown;
  readonly err?: unknown;
}

interface LoggerPrototype {
  /** @param onlyText makes the line and writes nothing */
  _emit(this: BunyanLogger, record: BunyanRecord, onlyText?: boolean): unknown;
}

/** `module.exports` of bunyan, or the namespace of its ES module. */
interface BunyanModule {
  readonly prototype?: LoggerPrototype;
  readonly default?: BunyanModule;
}

export class BunyanInstrumentation extends InstrumentationBase {
  readonly #patches = new MethodPatches();
  readonly #sends: boolean;

  /** @param sends whether log records go anywhere */
  constructor(sends: boolean) {
    super('@sietch/otel/bunyan', DISTRO_VERSION, {});
    this.#sends = sends;
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'bunyan',
      [supportedRange('bunyan')],
      (exports: BunyanModule, version?: string) => {
        const prototype = exports.prototype ?? exports.default?.prototype;
        if (checkMembers('bunyan', version, prototype, ['_emit'])) this.#patch(prototype);
        return exports;
      },
      () => this.#patches.undo(),
    );
  }

  #patch(prototype: LoggerPrototype | undefined): void {
    const patches = this.#patches;
    const send = (streams: BunyanLogger['streams'], record: BunyanRecord, context: Context) => {
      if (this.#sends && streams.some(({ level }) => level <= record.level)) sendLine(this.logger, lineOf(record, context));
    };
    patches.replace(prototype, '_emit', (original) => {
      return function emit(this: BunyanLogger, record, onlyText) {
        if (!patches.isOn) return original.call(this, record, onlyText);
        const context = activeContext();
        if (onlyText !== true && record.level >= ERROR) keepForLog(context);
        addFields(record, traceLogFields(context));
        if (onlyText !== true) send(this.streams, record, context);
        return original.call(this, record, onlyText);
      };
    });
  }
}

/** Process and host are in the resource; `v` is the version of the format. */
const LEFT: ReadonlySet<string> = new Set(['time', 'level', 'msg', 'err', 'v', 'hostname', 'pid']);

function lineOf(record: BunyanRecord, context: Context): Line {
  const { level, msg, time, err } = record;
  return {
    severityNumber: severityOf(level),
    severityText: NAMES[level],
    body: msg,
    fields: record,
    left: LEFT,
    ...(err === undefined ? {} : { exception: err }),
    timestamp: time instanceof Date && !Number.isNaN(time.getTime()) ? time.getTime() : undefined,
    context,
  };
}

const NAMES: Readonly<Record<number, string>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };
const ERROR = 50;
const LOWEST = 10;
const STEP = 10;

/** bunyan's six levels are the first of OpenTelemetry's four each; those between lie between. */
function severityOf(level: number): SeverityNumber {
  const steps = Math.min(5.75, Math.max(0, (level - LOWEST) / STEP));
  return 1 + Math.floor(steps * 4);
}
