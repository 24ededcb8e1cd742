// Observations of observable instruments within one call, for the end of the process. The SDK takes
// what a callback has observed once the promise of its end is fulfilled (sdk-metrics 2.12,
// state/ObservableRegistry.ts); in an `exit` listener no promise is.
import { type Attributes, type BatchObservableCallback, type HrTime, type ObservableCallback, ValueType } from '@opentelemetry/api';
import { untraced } from '../../context/untraced.js';

/** The members of the SDK's registry of callbacks that are used here. */
export interface ObservableRegistry {
  readonly _callbacks: readonly { readonly callback: ObservableCallback; readonly instrument: ObservableInstrument }[];
  readonly _batchCallbacks: readonly {
    readonly callback: BatchObservableCallback;
    readonly instruments: ReadonlySet<unknown>;
  }[];
}

interface ObservableInstrument {
  readonly _descriptor: { readonly valueType: ValueType };
  readonly _metricStorages: readonly { record(measurements: Measurements, time: HrTime): void }[];
}

/** The part of the SDK's map by attributes that its storages read. */
interface Measurements {
  entries(): Iterable<readonly [Attributes, number]>;
}

const NO_ATTRIBUTES: Attributes = {};

/**
 * Calls each callback and records what it observes before it returns. One that observes later
 * leaves its series as they were, and so does one that throws.
 */
export function observeNow({ _callbacks, _batchCallbacks }: ObservableRegistry, time: HrTime): void {
  for (const { callback, instrument } of _callbacks) {
    const observations = new Observations();
    const observe = (value: number, attributes?: Attributes) => observations.add(instrument, value, attributes);
    if (hasReturned(() => callback({ observe }))) observations.record(time);
  }
  for (const { callback, instruments } of _batchCallbacks) {
    const observations = new Observations();
    const observe = (instrument: unknown, value: number, attributes?: Attributes) => {
      if (instruments.has(instrument) && isInstrument(instrument)) observations.add(instrument, value, attributes);
    };
    if (hasReturned(() => callback({ observe }))) observations.record(time);
  }
}

/** What one callback has observed. */
class Observations {
  readonly #byInstrument = new Map<ObservableInstrument, [Attributes, number][]>();

  add(instrument: ObservableInstrument, given: number, attributes: Attributes = NO_ATTRIBUTES): void {
    if (typeof given !== 'number') return;
    const isInteger = instrument._descriptor.valueType === ValueType.INT;
    if (isInteger && !Number.isFinite(given)) return;
    const entries = this.#byInstrument.get(instrument) ?? [];
    entries.push([attributes, isInteger ? Math.trunc(given) : given]);
    this.#byInstrument.set(instrument, entries);
  }

  record(time: HrTime): void {
    for (const [instrument, entries] of this.#byInstrument) {
      for (const storage of instrument._metricStorages) storage.record({ entries: () => entries }, time);
    }
  }
}

function isInstrument(value: unknown): value is ObservableInstrument {
  return typeof value === 'object' && value !== null && '_metricStorages' in value && '_descriptor' in value;
}

function hasReturned(callback: () => void | Promise<void>): boolean {
  try {
    const ending: unknown = untraced(callback);
    if (ending instanceof Promise) ending.catch(() => {});
    return true;
  } catch {
    return false;
  }
}
