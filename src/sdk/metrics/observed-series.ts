// Filters series of observable instruments that were not observed in a collection. The SDK repeats
// the last value of a series for ever after its callback has stopped observing it, has thrown or is
// late. The specification wants only what was observed since the last collection (metrics/sdk.md,
// "MetricReader" and "Observations inside asynchronous callbacks").
import type { Attributes, BatchObservableCallback, Meter, Observable, ObservableCallback } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import { DataPointType, type MetricData, type ResourceMetrics, TimeoutError } from '@opentelemetry/sdk-metrics';
import { ATTR_OVERFLOW } from './overflow.js';
import { instrumentKey, seriesKey } from './series-key.js';
import { SeriesTable } from './series-table.js';

const MAX_NODES = 10_000;

/** The series of one instrument. */
class Observed {
  /** Number of the collection in which it was observed last. */
  readonly #collections = new SeriesTable<{ collection: number }>(MAX_NODES);
  #current = 0;
  #attributes: Attributes[] = [];

  note(attributes: Attributes, collection: number): void {
    const entry = this.#collections.findOrAdd(attributes, () => ({ collection }));
    if (entry !== undefined) entry.collection = collection;
    if (collection > this.#current) {
      this.#current = collection;
      this.#attributes = [];
    }
    this.#attributes.push(attributes);
  }

  /** The points that were observed in `collection`. */
  filter<T extends { readonly attributes: Attributes }>(points: readonly T[], collection: number): T[] {
    if (this.#current !== collection) return [];
    let keys: Set<string> | undefined;
    return points.filter(({ attributes }) => {
      if (this.#collections.find(attributes)?.collection === collection || ATTR_OVERFLOW in attributes) return true;
      // The SDK keeps the order in which the attributes came first.
      keys ??= new Set(this.#attributes.map(seriesKey));
      return keys.has(seriesKey(attributes));
    });
  }
}

export class ObservedSeries {
  readonly #byName = new Map<string, Observed>();
  readonly #byInstrument = new WeakMap<Observable, Observed>();
  #collection = 0;

  /** Begins a collection. Returns its number, for `filter`. */
  begin(): number {
    this.#collection += 1;
    return this.#collection;
  }

  /** `metrics` without the series that no callback has observed since `begin()`. */
  filter(metrics: ResourceMetrics, collection: number): ResourceMetrics {
    if (this.#byName.size === 0) return metrics;
    const scopeMetrics = metrics.scopeMetrics.map(({ scope, metrics: ofScope }) => ({
      scope,
      metrics: ofScope.map((metric) => this.#filterMetric(scope, metric, collection)).filter(({ dataPoints }) => dataPoints.length > 0),
    }));
    return { resource: metrics.resource, scopeMetrics };
  }

  #filterMetric(scope: InstrumentationScope, metric: MetricData, collection: number): MetricData {
    const observed = this.#byName.get(instrumentKey(scope, metric.descriptor.name));
    if (observed === undefined) return metric;
    switch (metric.dataPointType) {
      case DataPointType.GAUGE:
        return { ...metric, dataPoints: observed.filter(metric.dataPoints, collection) };
      case DataPointType.SUM:
        return { ...metric, dataPoints: observed.filter(metric.dataPoints, collection) };
      default:
        return metric;
    }
  }

  /** Follows an instrument from its creation on. */
  follow<T extends Attributes>(instrument: Observable<T>, scope: InstrumentationScope, name: string): void {
    const key = instrumentKey(scope, name);
    const observed = this.#byName.get(key) ?? new Observed();
    this.#byName.set(key, observed);
    this.#byInstrument.set(instrument, observed);
    const wrapped = new Map<ObservableCallback<T>, ObservableCallback<T>>();
    const addCallback = instrument.addCallback.bind(instrument);
    const removeCallback = instrument.removeCallback.bind(instrument);
    instrument.addCallback = (callback) => {
      const known = wrapped.get(callback) ?? this.#wrap(callback, observed);
      wrapped.set(callback, known);
      addCallback(known);
    };
    instrument.removeCallback = (callback) => {
      removeCallback(wrapped.get(callback) ?? callback);
      wrapped.delete(callback);
    };
  }

  /** Follows the batch callbacks of a meter. */
  followBatches(meter: Meter): void {
    const wrapped = new Map<BatchObservableCallback, BatchObservableCallback>();
    const add = meter.addBatchObservableCallback.bind(meter);
    const remove = meter.removeBatchObservableCallback.bind(meter);
    meter.addBatchObservableCallback = (callback: BatchObservableCallback, observables) => {
      const known = wrapped.get(callback) ?? this.#wrapBatch(callback);
      wrapped.set(callback, known);
      add(known, observables);
    };
    meter.removeBatchObservableCallback = (callback: BatchObservableCallback, observables) =>
      remove(wrapped.get(callback) ?? callback, observables);
  }

  #wrap<T extends Attributes>(callback: ObservableCallback<T>, observed: Observed): ObservableCallback<T> {
    return onceAtATime((result) => {
      const collection = this.#collection;
      return callback({
        observe(value, attributes) {
          observed.note(attributes ?? NO_ATTRIBUTES, collection);
          result.observe(value, attributes);
        },
      });
    });
  }

  #wrapBatch(callback: BatchObservableCallback): BatchObservableCallback {
    return onceAtATime((result) => {
      const collection = this.#collection;
      return callback({
        observe: (instrument, value, attributes) => {
          this.#byInstrument.get(instrument)?.note(attributes ?? NO_ATTRIBUTES, collection);
          result.observe(instrument, value, attributes);
        },
      });
    });
  }
}

const NO_ATTRIBUTES: Attributes = {};

/**
 * Skips a callback that has not ended: a hung one would hold a promise, and whatever it waits for,
 * for each scrape.
 */
function onceAtATime<Result>(callback: (result: Result) => void | Promise<void>): (result: Result) => void | Promise<void> {
  let isRunning = false;
  return (result) => {
    if (isRunning) throw new TimeoutError('The callback has not ended since its last call.');
    const ending = callback(result);
    if (!(ending instanceof Promise)) return ending;
    isRunning = true;
    return ending.finally(() => {
      isRunning = false;
    });
  };
}
