// Metric declarations: one declaration is the row of the reference and creates the instrument, so
// that the two cannot disagree.
import type {
  Counter,
  Gauge,
  Histogram,
  Meter,
  MetricOptions,
  ObservableCounter,
  ObservableGauge,
  ObservableUpDownCounter,
  UpDownCounter,
} from '@opentelemetry/api';
import type { EmittedMetric, InstrumentKind } from './emitted-name.js';

interface Instruments extends Record<InstrumentKind, unknown> {
  counter: Counter;
  'up-down counter': UpDownCounter;
  histogram: Histogram;
  gauge: Gauge;
  'observable counter': ObservableCounter;
  'observable up-down counter': ObservableUpDownCounter;
  'observable gauge': ObservableGauge;
}

export interface Metric<Kind extends InstrumentKind> extends EmittedMetric {
  readonly instrument: Kind;
  /** Bucket boundaries of a histogram. */
  readonly buckets?: readonly number[];
}

type Create<Kind extends InstrumentKind> = (meter: Meter, name: string, options: MetricOptions) => Instruments[Kind];

const CREATE: { readonly [Kind in InstrumentKind]: Create<Kind> } = {
  counter: (meter, name, options) => meter.createCounter(name, options),
  'up-down counter': (meter, name, options) => meter.createUpDownCounter(name, options),
  histogram: (meter, name, options) => meter.createHistogram(name, options),
  gauge: (meter, name, options) => meter.createGauge(name, options),
  'observable counter': (meter, name, options) => meter.createObservableCounter(name, options),
  'observable up-down counter': (meter, name, options) => meter.createObservableUpDownCounter(name, options),
  'observable gauge': (meter, name, options) => meter.createObservableGauge(name, options),
};

export function defineMetric<const Kind extends InstrumentKind>(metric: Omit<Metric<Kind>, 'type'>): Metric<Kind> {
  return { type: 'metric', ...metric };
}

/** Makes the instrument that `metric` declares. */
export function createInstrument<Kind extends InstrumentKind>(meter: Meter, metric: Metric<Kind>): Instruments[Kind] {
  const { instrument, name, unit, meaning, buckets } = metric;
  const options: MetricOptions = { unit, description: meaning.replaceAll('`', '') };
  if (buckets !== undefined) options.advice = { explicitBucketBoundaries: [...buckets] };
  return CREATE[instrument](meter, name, options);
}
