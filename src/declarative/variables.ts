// Collects what a configuration file says as the variables that would say the same. There is one of
// each, where a file may say a thing twice.
import type { ConfigValue } from './config-value.js';
import type { FileValue, Place } from './file-configuration.js';

export class Variables {
  readonly values = new Map<string, FileValue>();
  readonly #absent = new Set<string>();

  /** The first one counts, any other is reported. Without a text nothing is set. */
  set(variable: string, value: ConfigValue | undefined, text: string | number | boolean | undefined): void {
    if (value === undefined || text === undefined) return;
    const known = this.values.get(variable);
    if (known === undefined || this.#absent.delete(variable)) this.put(variable, value.place, String(text));
    else if (known.text !== String(text))
      value.ignore(`there is one value for all, that of line ${known.line} (${known.path}); it is ignored`);
  }

  /**
   * What holds when the standard part has no such section, and `distribution` says nothing else.
   */
  putAbsent(variable: string, place: Place, text: string): void {
    this.put(variable, place, text);
    this.#absent.add(variable);
  }

  put(variable: string, place: Place, text: string): void {
    this.values.set(variable, { ...place, text });
  }
}
