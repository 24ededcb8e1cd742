// Wraps meters to see each instrument that is created: histograms in seconds get bucket boundaries,
// counters and histograms our metric storage, and observable instruments are followed. It is an
// instrumentation in form only: that is how the SDK hands out its meter provider before the app
// asks it for a meter. Views do not serve: a view with buckets overrides those of the instrument,
// and none sees a measurement.
import type { Attributes, Meter, MeterProvider, MetricOptions, Observable } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { readScope, scopeKey } from '../api/instrumentation-scope.js';
import { DISTRO_VERSION } from '../version.js';
import { withBuckets } from './buckets.js';
import { type HistogramCounting, PLAIN } from './histogram-series.js';
import { InstrumentBounds } from './instrument-bounds.js';
import { replaceStorages } from './metric-storages.js';
import type { ObservedSeries } from './observed-series.js';
import { makeMeterSafe, NOOP_METER } from './safe-meter.js';

/** Must be the first in the SDK's list of instrumentations. */
export class MeterWatch implements Instrumentation {
  readonly instrumentationName = '@sietch/otel/metrics';
  readonly instrumentationVersion = DISTRO_VERSION;
  readonly #counting: HistogramCounting;
  readonly #observed: ObservedSeries | undefined;
  readonly #bounds = new InstrumentBounds();
  readonly #watched = new WeakSet<MeterProvider | Meter>();

  /**
   * @param counting how histograms are counted; by default without exemplars and exponential
   * buckets
   * @param observed `undefined` to leave observable instruments alone
   */
  constructor(counting: HistogramCounting = PLAIN, observed?: ObservedSeries) {
    this.#counting = counting;
    this.#observed = observed;
  }

  setMeterProvider(provider: MeterProvider): void {
    // The API's no-op provider, handed out before the SDK's, is one object for the whole process.
    if (!(provider instanceof SdkMeterProvider) || this.#watched.has(provider)) return;
    this.#watched.add(provider);
    const getMeter = provider.getMeter.bind(provider);
    provider.getMeter = (givenName, givenVersion, options) => {
      const scope = readScope('MeterProvider.getMeter', givenName, givenVersion, options);
      const { name, version = '', schemaUrl } = scope;
      const key = scopeKey(scope);
      if (!this.#bounds.takesMeter(key)) return NOOP_METER;
      const meter = getMeter(name, version, schemaUrl === undefined ? {} : { schemaUrl });
      // A provider that is shut down hands out the API's no-op meter.
      if (meter.constructor === NOOP_METER.constructor) return meter;
      this.#watch(meter, { ...scope, version }, key);
      return meter;
    };
  }

  #watch(meter: Meter, scope: InstrumentationScope, key: string): void {
    if (this.#watched.has(meter)) return;
    this.#watched.add(meter);
    replaceStorages(meter, this.#counting);
    giveBuckets(meter);
    if (this.#observed !== undefined) followObservables(meter, scope, this.#observed);
    makeMeterSafe(meter, key, this.#bounds);
  }

  enable(): void {}
  disable(): void {}
  setTracerProvider(): void {}
  setConfig(): void {}
  getConfig(): InstrumentationConfig {
    return {};
  }
}

function giveBuckets(meter: Meter): void {
  const createHistogram = meter.createHistogram.bind(meter);
  meter.createHistogram = <T extends Attributes>(name: string, options?: MetricOptions) => createHistogram<T>(name, withBuckets(options));
}

function followObservables(meter: Meter, scope: InstrumentationScope, observed: ObservedSeries): void {
  const { createObservableCounter, createObservableGauge, createObservableUpDownCounter } = meter;
  const followed = <T extends Attributes>(instrument: Observable<T>, name: string) => {
    observed.follow(instrument, scope, name);
    return instrument;
  };
  meter.createObservableCounter = (name, options) => followed(createObservableCounter.call(meter, name, options), name);
  meter.createObservableGauge = (name, options) => followed(createObservableGauge.call(meter, name, options), name);
  meter.createObservableUpDownCounter = (name, options) => followed(createObservableUpDownCounter.call(meter, name, options), name);
  observed.followBatches(meter);
}
