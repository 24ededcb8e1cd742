// Puts our storages of counters and histograms into the SDK's meters, behind the same API. The
// private members of the SDK that this takes are in ports.ts; without them, and for instruments
// that are aggregated in another way, the SDK's own storages stay.
import { createNoopMeter, type Histogram, type Meter } from '@opentelemetry/api';
import { InstrumentType } from '@opentelemetry/sdk-metrics';
import { reportLostPort } from '../ports.js';
import { HistogramStorage } from './histogram-storage.js';
import type { Collector, Descriptor } from './series-storage.js';
import { SumStorage } from './sum-storage.js';

type MetricStorage = HistogramStorage | SumStorage;

/** The members of the SDK's MeterSharedState that are used here. */
interface MeterState {
  registerMetricStorage(descriptor: Descriptor): unknown;
  readonly metricStorageRegistry: {
    findOrUpdateCompatibleCollectorStorage(collector: Collector, descriptor: Descriptor): unknown;
    registerForCollector(collector: Collector, storage: MetricStorage): void;
  };
  readonly _meterProviderSharedState: {
    readonly viewRegistry: { findViews(descriptor: Descriptor, scope: unknown): readonly unknown[] };
    selectAggregations(type: InstrumentType): readonly (readonly [Collector, { createAggregator(descriptor: Descriptor): object }])[];
  };
  readonly _instrumentationScope: unknown;
}

/** What the SDK's aggregators have as their `kind`. */
const SUM = 1;
const HISTOGRAM = 3;

/** Returns whether counters and histograms that `meter` creates from now on have our storages. */
export function replaceStorages(meter: Meter, keepsExemplars: boolean): boolean {
  const state: unknown = Reflect.get(meter, '_meterSharedState');
  if (!isMeterState(state)) {
    reportLostPort('meterState');
    return false;
  }
  const register = state.registerMetricStorage.bind(state);
  state.registerMetricStorage = (descriptor) => ownStorage(state, descriptor, keepsExemplars) ?? register(descriptor);
  return true;
}

const noopHistogram = createNoopMeter().createHistogram('');

/** The storage of a histogram; undefined when it is not ours. */
export function storageOf(histogram: Histogram): HistogramStorage | undefined {
  const storage: unknown = Reflect.get(histogram, '_writableMetricStorage');
  if (storage === undefined && histogram.constructor !== noopHistogram.constructor) reportLostPort('instrumentStorage');
  return storage instanceof HistogramStorage ? storage : undefined;
}

/** One storage for all readers; an instrument that is created again gets the one it has. */
function ownStorage(state: MeterState, descriptor: Descriptor, keepsExemplars: boolean): MetricStorage | undefined {
  const { viewRegistry } = state._meterProviderSharedState;
  if (viewRegistry.findViews(descriptor, state._instrumentationScope).length > 0) return undefined;
  const aggregations = state._meterProviderSharedState.selectAggregations(descriptor.type);
  const aggregators = aggregations.map(([, aggregation]) => aggregation.createAggregator(descriptor));
  if (aggregators.some(isUnknown)) reportLostPort('aggregator');
  const collectors = aggregations.map(([collector]) => collector);
  const storage = createStorage(descriptor, aggregators, collectors, keepsExemplars);
  return storage === undefined ? undefined : (findStorage(state, descriptor, collectors) ?? addStorage(state, storage, collectors));
}

function createStorage(
  descriptor: Descriptor,
  aggregators: readonly object[],
  collectors: readonly Collector[],
  keepsExemplars: boolean,
): MetricStorage | undefined {
  switch (descriptor.type) {
    case InstrumentType.COUNTER:
    case InstrumentType.UP_DOWN_COUNTER: {
      const areSums = aggregators.length > 0 && aggregators.every((aggregator) => Reflect.get(aggregator, 'kind') === SUM);
      return areSums ? new SumStorage(descriptor, collectors) : undefined;
    }
    case InstrumentType.HISTOGRAM: {
      const [boundaries, ...others] = aggregators.map(boundariesOf);
      const areFixed = boundaries !== undefined && !others.includes(undefined);
      return areFixed ? new HistogramStorage(descriptor, boundaries, collectors, keepsExemplars) : undefined;
    }
    default:
      return undefined;
  }
}

function isUnknown(aggregator: object): boolean {
  const kind: unknown = Reflect.get(aggregator, 'kind');
  return typeof kind !== 'number' || (kind === HISTOGRAM && boundariesOf(aggregator) === undefined);
}

/** Boundaries in the order of the SDK; undefined for an aggregation without fixed buckets. */
function boundariesOf(aggregator: object): number[] | undefined {
  const boundaries: unknown = Reflect.get(aggregator, '_boundaries');
  return Array.isArray(boundaries) && boundaries.every((bound) => typeof bound === 'number') ? boundaries : undefined;
}

function findStorage(
  { metricStorageRegistry }: MeterState,
  descriptor: Descriptor,
  [collector]: readonly Collector[],
): MetricStorage | undefined {
  const found = collector && metricStorageRegistry.findOrUpdateCompatibleCollectorStorage(collector, descriptor);
  return found instanceof HistogramStorage || found instanceof SumStorage ? found : undefined;
}

function addStorage({ metricStorageRegistry }: MeterState, storage: MetricStorage, collectors: readonly Collector[]): MetricStorage {
  for (const collector of collectors) metricStorageRegistry.registerForCollector(collector, storage);
  return storage;
}

function isMeterState(state: unknown): state is MeterState {
  const registry = member(state, 'metricStorageRegistry');
  const shared = member(state, '_meterProviderSharedState');
  const methods = [
    member(state, 'registerMetricStorage'),
    member(registry, 'findOrUpdateCompatibleCollectorStorage'),
    member(registry, 'registerForCollector'),
    member(shared, 'selectAggregations'),
    member(member(shared, 'viewRegistry'), 'findViews'),
  ];
  return methods.every((method) => typeof method === 'function');
}

function member(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}
