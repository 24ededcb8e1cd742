// Makes meters never throw into the app, whatever their arguments, and bounds their instruments.
import {
  type Attributes,
  type BatchObservableCallback,
  createNoopMeter,
  type Meter,
  type MetricOptions,
  type Observable,
  type ObservableCallback,
  ValueType,
} from '@opentelemetry/api';
import { isList, kindOf, nameOf, propertyOf, reportMisuse, textOf } from '../../context/api-misuse.js';
import { type InstrumentBounds, MAX_INSTRUMENTS } from './instrument-bounds.js';
import { copyAttributes } from './measured-attributes.js';
import { makeMeasuringSafe } from './safe-instrument.js';

/** What the app gets when its meter or instrument cannot be created. */
export const NOOP_METER = createNoopMeter();

/** The specification's limit for names. */
const MAX_NAME = 255;
const MAX_TEXT = 1_024;

/** Call once for a meter, after all else that replaces its methods. @param key of the meter */
export function makeMeterSafe(meter: Meter, key: string, bounds: InstrumentBounds): void {
  const { createCounter, createUpDownCounter, createHistogram, createGauge } = meter;
  const { createObservableCounter, createObservableUpDownCounter, createObservableGauge } = meter;
  /** Undefined when it cannot be created. */
  const make = <Made extends object>(
    kind: string,
    create: (this: Meter, name: string, options?: MetricOptions) => Made,
    name: string,
    options: MetricOptions | undefined,
  ): Made | undefined => {
    try {
      const read = readOptions(options);
      const given = nameOf(`Meter.${kind}`, name).slice(0, MAX_NAME);
      const readName = bounds.firstName(key, given);
      if (readName !== given)
        reportMisuse(`Meter.${kind}`, 'the name of an instrument differs from that of another in case only; it is that one');
      const isTaken = bounds.takesInstrument(`${key}\n${kind}\n${readName.toLowerCase()}\n${read.unit}\n${read.valueType}`);
      return isTaken ? create.call(meter, readName, read) : undefined;
    } catch {
      reportMisuse(`Meter.${kind}`, 'name or options that cannot be used');
      return undefined;
    }
  };
  const makeSync = <Made extends object>(...args: [...Parameters<typeof make<Made>>, method: 'add' | 'record']): Made | undefined => {
    const [kind, create, name, options, method] = args;
    const made = make(kind, create, name, options);
    if (made !== undefined) makeMeasuringSafe(made, method, kind === 'createGauge');
    return made;
  };
  meter.createCounter = (name, options) => makeSync('createCounter', createCounter, name, options, 'add') ?? NOOP_METER.createCounter('');
  meter.createUpDownCounter = (name, options) =>
    makeSync('createUpDownCounter', createUpDownCounter, name, options, 'add') ?? NOOP_METER.createUpDownCounter('');
  meter.createHistogram = (name, options) =>
    makeSync('createHistogram', createHistogram, name, options, 'record') ?? NOOP_METER.createHistogram('');
  meter.createGauge = (name, options) => makeSync('createGauge', createGauge, name, options, 'record') ?? NOOP_METER.createGauge('');
  meter.createObservableCounter = (name, options) =>
    safeObservable(make('createObservableCounter', createObservableCounter, name, options)) ?? NOOP_METER.createObservableCounter('');
  meter.createObservableUpDownCounter = (name, options) =>
    safeObservable(make('createObservableUpDownCounter', createObservableUpDownCounter, name, options)) ??
    NOOP_METER.createObservableUpDownCounter('');
  meter.createObservableGauge = (name, options) =>
    safeObservable(make('createObservableGauge', createObservableGauge, name, options)) ?? NOOP_METER.createObservableGauge('');
  makeBatchesSafe(meter);
}

function readOptions(given: MetricOptions | undefined): MetricOptions {
  const boundaries: unknown = propertyOf(propertyOf(given, 'advice'), 'explicitBucketBoundaries');
  const valueType: unknown = propertyOf(given, 'valueType');
  return {
    description: (textOf(propertyOf(given, 'description')) ?? '').slice(0, MAX_TEXT),
    unit: (textOf(propertyOf(given, 'unit')) ?? '').slice(0, MAX_TEXT),
    valueType: valueType === ValueType.INT ? ValueType.INT : ValueType.DOUBLE,
    ...(isBoundaries(boundaries) ? { advice: { explicitBucketBoundaries: [...boundaries] } } : {}),
  };
}

function isBoundaries(value: unknown): value is number[] {
  return isList(value) && value.length <= MAX_TEXT && value.every((bound) => typeof bound === 'number' && !Number.isNaN(bound));
}

function safeObservable<Made extends Observable<T>, T extends Attributes>(instrument: Made | undefined): Made | undefined {
  if (instrument === undefined) return undefined;
  const addCallback = instrument.addCallback.bind(instrument);
  const removeCallback = instrument.removeCallback.bind(instrument);
  instrument.addCallback = (callback) => {
    if (isCallback('addCallback', callback)) addCallback(safeCallback(callback));
  };
  instrument.removeCallback = (callback) => {
    if (isCallback('removeCallback', callback)) removeCallback(safeCallback(callback));
  };
  return instrument;
}

function makeBatchesSafe(meter: Meter): void {
  const add = meter.addBatchObservableCallback.bind(meter);
  const remove = meter.removeBatchObservableCallback.bind(meter);
  meter.addBatchObservableCallback = (callback: BatchObservableCallback, observables: Observable[]) => {
    if (isCallback('addBatchObservableCallback', callback) && areObservables(observables))
      attempt(() => add(safeBatch(callback), observables));
  };
  meter.removeBatchObservableCallback = (callback: BatchObservableCallback, observables: Observable[]) => {
    if (isCallback('removeBatchObservableCallback', callback) && areObservables(observables))
      attempt(() => remove(safeBatch(callback), observables));
  };
}

function areObservables(given: unknown): boolean {
  const isGood = isList(given) && Number(propertyOf(given, 'length')) <= MAX_INSTRUMENTS;
  if (!isGood) reportMisuse('a batch callback', `the instruments are ${kindOf(given)}, expected a list`);
  return isGood;
}

function isCallback(call: string, callback: unknown): boolean {
  if (typeof callback !== 'function') reportMisuse(call, `the callback is ${kindOf(callback)}, expected a function`);
  return typeof callback === 'function';
}

/** One wrapper for each callback of the app: `removeCallback` finds it by identity. */
const safeCallbacks = new WeakMap<object, ObservableCallback>();
const safeBatches = new WeakMap<object, BatchObservableCallback>();

function safeCallback(callback: ObservableCallback): ObservableCallback {
  const known = safeCallbacks.get(callback);
  if (known !== undefined) return known;
  const created: ObservableCallback = (result) =>
    callback({ observe: (value, attributes) => attempt(() => result.observe(value, copyAttributes(attributes))) });
  safeCallbacks.set(callback, created);
  return created;
}

function safeBatch(callback: BatchObservableCallback): BatchObservableCallback {
  const known = safeBatches.get(callback);
  if (known !== undefined) return known;
  const created: BatchObservableCallback = (result) =>
    callback({
      observe: (instrument, value, attributes) => attempt(() => result.observe(instrument, value, copyAttributes(attributes))),
    });
  safeBatches.set(callback, created);
  return created;
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    reportMisuse('observe() or a callback of observable instruments', 'an argument that cannot be used');
  }
}
