// The state of counters, histograms and gauges, read at once: the SDK collects asynchronously, and
// in an `exit` listener nothing asynchronous runs any more. Observable instruments are left out:
// their callbacks are the app's, and may be asynchronous.
import type { HrTime } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import { InstrumentType, type MetricData, type MetricProducer, type ResourceMetrics, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { propertyOf } from '../../context/api-misuse.js';
import { reportLostPort } from '../ports.js';

/** The members of the SDK's MetricCollector that are used here. */
interface Collector extends MetricProducer {
  readonly _sharedState: { readonly resource: ResourceMetrics['resource']; readonly meterSharedStates: ReadonlyMap<string, MeterState> };
}

interface MeterState {
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
  readonly _instrumentationScope: ScopeMetrics['scope'];
}

/** A storage of the SDK's, or of ours. */
interface Storage {
  getInstrumentDescriptor(): { readonly type: InstrumentType };
  collect(collector: Collector, time: HrTime): MetricData | undefined;
}

const OBSERVABLE: readonly InstrumentType[] = [
  InstrumentType.OBSERVABLE_COUNTER,
  InstrumentType.OBSERVABLE_GAUGE,
  InstrumentType.OBSERVABLE_UP_DOWN_COUNTER,
];

/**
 * A collection for the reader that has this producer, with delta temporality of what was measured
 * since its last one. Undefined without measurements, and where the SDK cannot be read in this way.
 */
export function stateNow(producer: MetricProducer): ResourceMetrics | undefined {
  try {
    if (isCollector(producer)) return collect(producer);
  } catch {
    // A member is there, but not what it was.
  }
  reportLostPort('collectorState');
  return undefined;
}

function collect(collector: Collector): ResourceMetrics | undefined {
  const time = millisToHrTime(Date.now());
  const { resource, meterSharedStates } = collector._sharedState;
  const scopeMetrics = [...meterSharedStates.values()].flatMap(({ _instrumentationScope: scope, metricStorageRegistry }) => {
    const storages = metricStorageRegistry
      .getStorages(collector)
      .filter((each) => !OBSERVABLE.includes(each.getInstrumentDescriptor().type));
    const metrics = storages.flatMap((storage) => storage.collect(collector, time) ?? []);
    return metrics.length === 0 ? [] : [{ scope, metrics }];
  });
  return scopeMetrics.length === 0 ? undefined : { resource, scopeMetrics };
}

function isCollector(producer: MetricProducer): producer is Collector {
  const state = propertyOf(producer, '_sharedState');
  const meters = propertyOf(state, 'meterSharedStates');
  return propertyOf(state, 'resource') !== undefined && meters instanceof Map && [...meters.values()].every(isMeterState);
}

function isMeterState(state: unknown): boolean {
  return (
    propertyOf(state, '_instrumentationScope') !== undefined &&
    typeof propertyOf(propertyOf(state, 'metricStorageRegistry'), 'getStorages') === 'function'
  );
}
