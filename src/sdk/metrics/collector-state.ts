// The state of a metric reader's collector, collected of all meters at once. The SDK collects each
// meter when its own callbacks have answered: with delta temporality, what one meter has given is
// lost when the process ends while another meter's callback has not answered. And it collects
// asynchronously, which nothing in an `exit` listener can.
import type { HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { MetricData, MetricProducer, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { isList, propertyOf } from '../../context/api-misuse.js';
import { type ObservableRegistry, observeNow } from './observe-now.js';

/** The members of the SDK's MetricCollector that are used here. */
interface Collector extends MetricProducer {
  readonly _sharedState: { readonly resource: ResourceMetrics['resource']; readonly meterSharedStates: ReadonlyMap<string, MeterState> };
}

interface MeterState {
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
  readonly observableRegistry: ObservableRegistry & { observe(time: HrTime, timeoutMs: number | undefined): Promise<unknown[]> };
  readonly _instrumentationScope: ScopeMetrics['scope'];
}

/** A storage of the SDK's, or of ours. */
interface Storage {
  collect(collector: Collector, time: HrTime): MetricData | undefined;
}

export class CollectorState {
  readonly #collector: Collector;

  private constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** Undefined where the SDK cannot be read in this way. */
  static of(producer: MetricProducer): CollectorState | undefined {
    return isCollector(producer) ? new CollectorState(producer) : undefined;
  }

  /** Calls the callbacks of observable instruments; resolves with the errors of those that failed. */
  async observe(timeoutMs: number | undefined): Promise<unknown[]> {
    const time = now();
    const errors = await Promise.all(this.#meters.map(({ observableRegistry }) => observableRegistry.observe(time, timeoutMs)));
    return errors.flat();
  }

  /** Calls the callbacks; what one observes after it has returned is not waited for. */
  observeNow(): void {
    const time = now();
    for (const { observableRegistry } of this.#meters) observeNow(observableRegistry, time);
  }

  /** With delta temporality, what was measured since the last time: nobody else has it any more. */
  collect(): ResourceMetrics {
    const time = now();
    const scopeMetrics = this.#meters.flatMap(({ _instrumentationScope: scope, metricStorageRegistry }) => {
      const storages = metricStorageRegistry.getStorages(this.#collector);
      const metrics = storages.flatMap((storage) => storage.collect(this.#collector, time) ?? []);
      return metrics.length === 0 ? [] : [{ scope, metrics }];
    });
    return { resource: this.#collector._sharedState.resource, scopeMetrics };
  }

  get #meters(): MeterState[] {
    return [...this.#collector._sharedState.meterSharedStates.values()];
  }
}

function now(): HrTime {
  return millisToHrTime(Date.now());
}

function isCollector(producer: MetricProducer): producer is Collector {
  const state = propertyOf(producer, '_sharedState');
  const meters = propertyOf(state, 'meterSharedStates');
  return propertyOf(state, 'resource') !== undefined && meters instanceof Map && [...meters.values()].every(isMeterState);
}

function isMeterState(state: unknown): boolean {
  const observables = propertyOf(state, 'observableRegistry');
  return (
    propertyOf(state, '_instrumentationScope') !== undefined &&
    typeof propertyOf(propertyOf(state, 'metricStorageRegistry'), 'getStorages') === 'function' &&
    typeof propertyOf(observables, 'observe') === 'function' &&
    isList(propertyOf(observables, '_callbacks')) &&
    isList(propertyOf(observables, '_batchCallbacks'))
  );
}
