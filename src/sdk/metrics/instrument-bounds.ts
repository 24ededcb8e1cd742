// Bounds the number of meters and instruments: the SDK keeps each for ever (3 kB), and an app that
// puts an id into their names creates new ones all the time.
import { warn } from '../../diagnose/diagnostics.js';

export const MAX_METERS = 1_000;
export const MAX_INSTRUMENTS = 5_000;

export class InstrumentBounds {
  readonly #meters = new Set<string>();
  readonly #instruments = new Set<string>();
  /** By meter and name in lower case. */
  readonly #firstNames = new Map<string, string>();

  /** Whether the meter exists, or there is room for it. */
  takesMeter(key: string): boolean {
    return takes(this.#meters, key, MAX_METERS, 'meters', 'getMeter');
  }

  /** The name that the meter has for it already: names that differ in case are one, the first one. */
  firstName(meterKey: string, name: string): string {
    const key = `${meterKey}\n${name.toLowerCase()}`;
    const known = this.#firstNames.get(key);
    if (known === undefined && this.#firstNames.size < MAX_INSTRUMENTS) this.#firstNames.set(key, name);
    return known ?? name;
  }

  /** Whether the instrument exists, or there is room for it. */
  takesInstrument(key: string): boolean {
    return takes(this.#instruments, key, MAX_INSTRUMENTS, 'instruments', 'createCounter and the like');
  }
}

function takes(known: Set<string>, key: string, most: number, what: string, call: string): boolean {
  if (known.has(key)) return true;
  if (known.size < most) {
    known.add(key);
    return true;
  }
  warn('SIETCH147', `${most} ${what} with different names (${call}); measurements of further ones are dropped`);
  return false;
}
