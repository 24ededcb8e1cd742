// Sends the lines of `console` as log records, on request. What is printed stays as it is.
import { format } from 'node:util';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { activeContext } from '../../context/context-manager.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { isLineOfAnother, sendLine } from './line-record.js';
import { errorFields } from './logged-value.js';

/** The methods that print a line of text; `dir`, `table` and `time` print values. */
const METHODS = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  log: SeverityNumber.INFO,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

export class ConsoleInstrumentation extends InstrumentationBase {
  readonly #patches = new MethodPatches();

  constructor() {
    super('@sietch/otel/console', DISTRO_VERSION, {});
    for (const name of METHOD_NAMES) this.#patch(this.#patches, name);
  }

  protected override init(): void {}

  override disable(): void {
    super.disable();
    this.#patches.undo();
  }

  #patch(patches: MethodPatches, name: keyof typeof METHODS): void {
    patches.replace(console, name, (original) => {
      const send = (given: readonly unknown[]) => this.#send(name, given);
      return function print(this: unknown, ...given: unknown[]) {
        if (patches.isOn && !isLineOfAnother()) send(given);
        return original.apply(this, given);
      };
    });
  }

  #send(name: keyof typeof METHODS, given: readonly unknown[]): void {
    try {
      sendLine(this.logger, {
        severityNumber: METHODS[name],
        severityText: name === 'log' ? 'info' : name,
        body: format(...given),
        fields: {},
        left: NOTHING,
        exception: given.map(errorFields).find((error) => error !== undefined),
        context: activeContext(),
      });
    } catch {
      // An object of the app that throws when it is printed does so once more, to the app.
    }
  }
}

const METHOD_NAMES = Object.keys(METHODS).filter((name): name is keyof typeof METHODS => name in METHODS);
const NOTHING: ReadonlySet<string> = new Set();
