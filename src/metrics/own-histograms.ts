// Puts our storage of histograms into the SDK's meters, behind the same API. By members of the SDK that are not public: where they are not as they are in
// sdk-metrics 2.12 (this package pins the version), and for histograms that are aggregated in another way, all stays as it was.
import type { Histogram, Meter } from '@opentelemetry/api';
import { InstrumentType } from '@opentelemetry/sdk-metrics';
import { type Collector, type Descriptor, HistogramStorage } from './histogram-storage.js';

/** What the SDK's MeterSharedState is to us. */
interface MeterState {
  registerMetricStorage(descriptor: Descriptor): unknown;
  readonly metricStorageRegistry: {
    findOrUpdateCompatibleCollectorStorage(collector: Collector, descriptor: Descriptor): unknown;
    registerForCollector(collector: Collector, storage: HistogramStorage): void;
  };
  readonly _meterProviderSharedState: {
    readonly viewRegistry: { findViews(descriptor: Descriptor, scope: unknown): readonly unknown[] };
    selectAggregations(type: InstrumentType): readonly (readonly [Collector, { createAggregator(descriptor: Descriptor): object }])[];
  };
  readonly _instrumentationScope: unknown;
}

/** Returns whether the histograms that `meter` makes from now on are ours. */
export function makeOwnHistograms(meter: Meter, keepsExemplars: boolean): boolean {
  const state: unknown = Reflect.get(meter, '_meterSharedState');
  if (!isMeterState(state)) return false;
  const register = state.registerMetricStorage.bind(state);
  state.registerMetricStorage = (descriptor) =>
    (descriptor.type === InstrumentType.HISTOGRAM ? ownStorage(state, descriptor, keepsExemplars) : undefined) ?? register(descriptor);
  return true;
}

/** The storage behind a histogram of such a meter. */
export function storageOf(histogram: Histogram): HistogramStorage | undefined {
  const storage: unknown = Reflect.get(histogram, '_writableMetricStorage');
  return storage instanceof HistogramStorage ? storage : undefined;
}

/** One for all readers; for an instrument that is made again the one there is. */
function ownStorage(state: MeterState, descriptor: Descriptor, keepsExemplars: boolean): HistogramStorage | undefined {
  const { viewRegistry } = state._meterProviderSharedState;
  const aggregations = state._meterProviderSharedState.selectAggregations(descriptor.type);
  const [boundaries, ...others] = aggregations.map(([, aggregation]) => boundariesOf(aggregation.createAggregator(descriptor)));
  if (boundaries === undefined || others.includes(undefined)) return undefined;
  if (viewRegistry.findViews(descriptor, state._instrumentationScope).length > 0) return undefined;
  const collectors = aggregations.map(([collector]) => collector);
  return findStorage(state, descriptor, collectors) ?? addStorage(state, descriptor, boundaries, collectors, keepsExemplars);
}

/** As the SDK has put them in order; undefined for an aggregation without fixed buckets. */
function boundariesOf(aggregator: object): number[] | undefined {
  const boundaries: unknown = Reflect.get(aggregator, '_boundaries');
  return Array.isArray(boundaries) && boundaries.every((bound) => typeof bound === 'number') ? boundaries : undefined;
}

function findStorage(
  { metricStorageRegistry }: MeterState,
  descriptor: Descriptor,
  [collector]: readonly Collector[],
): HistogramStorage | undefined {
  const found = collector && metricStorageRegistry.findOrUpdateCompatibleCollectorStorage(collector, descriptor);
  return found instanceof HistogramStorage ? found : undefined;
}

function addStorage(
  { metricStorageRegistry }: MeterState,
  descriptor: Descriptor,
  boundaries: number[],
  collectors: readonly Collector[],
  keepsExemplars: boolean,
): HistogramStorage {
  const storage = new HistogramStorage(descriptor, boundaries, collectors, keepsExemplars);
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
