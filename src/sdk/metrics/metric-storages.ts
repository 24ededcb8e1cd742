// Puts our storages of counters and histograms into the SDK's meters, behind the same API. The
// private members of the SDK that this takes are in ports.ts; without them, and for instruments
// that are aggregated in another way, the SDK's own storages stay.
import { createNoopMeter, type Histogram, type Meter } from '@opentelemetry/api';
import { InstrumentType } from '@opentelemetry/sdk-metrics';
import { propertyOf } from '../../context/api-misuse.js';
import { reportLostPort } from '../ports.js';
import { SECONDS_BUCKETS } from './buckets.js';
import { MAX_BUCKETS } from './exponential-buckets.js';
import type { HistogramCounting } from './histogram-series.js';
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
const EXPONENTIAL_HISTOGRAM = 4;

/** Returns whether counters and histograms that `meter` creates from now on have our storages. */
export function replaceStorages(meter: Meter, counting: HistogramCounting): boolean {
  const state: unknown = Reflect.get(meter, '_meterSharedState');
  if (!isMeterState(state)) {
    reportLostPort('meterState');
    return false;
  }
  const register = state.registerMetricStorage.bind(state);
  state.registerMetricStorage = (descriptor) => ownStorage(state, descriptor, counting) ?? register(descriptor);
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
function ownStorage(state: MeterState, descriptor: Descriptor, counting: HistogramCounting): MetricStorage | undefined {
  const { viewRegistry } = state._meterProviderSharedState;
  if (viewRegistry.findViews(descriptor, state._instrumentationScope).length > 0) return undefined;
  const aggregations = state._meterProviderSharedState.selectAggregations(descriptor.type);
  const aggregators = aggregations.map(([, aggregation]) => aggregation.createAggregator(descriptor));
  if (aggregators.some(isUnknown)) reportLostPort('aggregator');
  const collectors = aggregations.map(([collector]) => collector);
  const storage = createStorage(descriptor, aggregators, collectors, counting);
  return storage === undefined ? undefined : (findStorage(state, descriptor, collectors) ?? addStorage(state, storage, collectors));
}

function createStorage(
  descriptor: Descriptor,
  aggregators: readonly object[],
  collectors: readonly Collector[],
  counting: HistogramCounting,
): MetricStorage | undefined {
  switch (descriptor.type) {
    case InstrumentType.COUNTER:
    case InstrumentType.UP_DOWN_COUNTER: {
      const areSums = aggregators.length > 0 && aggregators.every((aggregator) => Reflect.get(aggregator, 'kind') === SUM);
      return areSums ? new SumStorage(descriptor, collectors, counting.exemplars) : undefined;
    }
    case InstrumentType.HISTOGRAM:
      return createHistogramStorage(descriptor, aggregators, collectors, counting);
    default:
      return undefined;
  }
}

/** Explicit buckets are counted for exemplars also where no reader collects them. */
function createHistogramStorage(
  descriptor: Descriptor,
  aggregators: readonly object[],
  collectors: readonly Collector[],
  { exemplars, exponential }: HistogramCounting,
): HistogramStorage | undefined {
  const explicit = aggregators.filter((aggregator) => !isExponential(aggregator)).map(boundariesOf);
  if (aggregators.length === 0 || explicit.includes(undefined)) return undefined;
  const exponentialFor = new Set(collectors.filter((_, index) => isExponential(aggregators[index])));
  const boundaries = explicit[0] ?? advisedBoundaries(descriptor);
  return new HistogramStorage(descriptor, collectors, {
    ...{ exemplars, exponential: exponential || exponentialFor.size > 0 },
    ...{ boundaries, exponentialFor },
  });
}

function advisedBoundaries(descriptor: Descriptor): number[] {
  const advised = propertyOf(propertyOf(descriptor, 'advice'), 'explicitBucketBoundaries');
  return areBoundaries(advised) ? [...advised].sort((one, other) => one - other) : [...SECONDS_BUCKETS];
}

/** Exponential buckets, as many as ours have. */
function isExponential(aggregator: object | undefined): boolean {
  return propertyOf(aggregator, 'kind') === EXPONENTIAL_HISTOGRAM && propertyOf(aggregator, '_maxSize') === MAX_BUCKETS;
}

function isUnknown(aggregator: object): boolean {
  const kind: unknown = Reflect.get(aggregator, 'kind');
  if (kind === EXPONENTIAL_HISTOGRAM) return typeof propertyOf(aggregator, '_maxSize') !== 'number';
  return typeof kind !== 'number' || (kind === HISTOGRAM && boundariesOf(aggregator) === undefined);
}

/** Boundaries in the order of the SDK; undefined for an aggregation without fixed buckets. */
function boundariesOf(aggregator: object): number[] | undefined {
  const boundaries: unknown = Reflect.get(aggregator, '_boundaries');
  return areBoundaries(boundaries) ? boundaries : undefined;
}

function areBoundaries(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((bound) => typeof bound === 'number');
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
  const registry = propertyOf(state, 'metricStorageRegistry');
  const shared = propertyOf(state, '_meterProviderSharedState');
  const methods = [
    propertyOf(state, 'registerMetricStorage'),
    propertyOf(registry, 'findOrUpdateCompatibleCollectorStorage'),
    propertyOf(registry, 'registerForCollector'),
    propertyOf(shared, 'selectAggregations'),
    propertyOf(propertyOf(shared, 'viewRegistry'), 'findViews'),
  ];
  return methods.every((method) => typeof method === 'function');
}
