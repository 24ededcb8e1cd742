// Sees every instrument that is created: histograms get buckets for seconds and exemplars, observable ones are followed. It is an instrumentation only in
// form: that is how the SDK hands out its meter provider before anybody asks that for a meter. Views do not serve: one that sets buckets overrides those
// of the instrument itself, and none sees a measurement.
import type { Attributes, Context, Histogram, Meter, MeterProvider, MetricOptions, Observable } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { DISTRO_VERSION } from '../sdk/version.js';
import { boundariesOf, withBuckets } from './buckets.js';
import type { ExemplarStore, HistogramExemplars } from './exemplars.js';
import type { ObservedSeries } from './observed-series.js';
import { speedUpSeriesLookup } from './series-lookup.js';

/** To be the first in the SDK's list of instrumentations. */
export class MeterWatch implements Instrumentation {
  readonly instrumentationName = '@sietch/otel/metrics';
  readonly instrumentationVersion = DISTRO_VERSION;
  readonly #exemplars: ExemplarStore | undefined;
  readonly #observed: ObservedSeries | undefined;
  readonly #watched = new WeakSet<MeterProvider | Meter>();

  /**
   * @param exemplars `undefined` to keep none
   * @param observed `undefined` to leave observable instruments alone
   */
  constructor(exemplars?: ExemplarStore, observed?: ObservedSeries) {
    this.#exemplars = exemplars;
    this.#observed = observed;
  }

  setMeterProvider(provider: MeterProvider): void {
    // The API's no-op provider, handed out before the SDK's, is one object for the whole process.
    if (!(provider instanceof SdkMeterProvider) || this.#watched.has(provider)) return;
    this.#watched.add(provider);
    speedUpSeriesLookup();
    const getMeter = provider.getMeter.bind(provider);
    provider.getMeter = (name, version, options) => {
      const meter = getMeter(name, version, options);
      this.#watch(meter, { name, version: version ?? '', ...(options?.schemaUrl === undefined ? {} : { schemaUrl: options.schemaUrl }) });
      return meter;
    };
  }

  #watch(meter: Meter, scope: InstrumentationScope): void {
    if (this.#watched.has(meter)) return;
    this.#watched.add(meter);
    this.#watchHistograms(meter, scope);
    if (this.#observed !== undefined) followObservables(meter, scope, this.#observed);
  }

  #watchHistograms(meter: Meter, scope: InstrumentationScope): void {
    const createHistogram = meter.createHistogram.bind(meter);
    meter.createHistogram = <T extends Attributes>(name: string, given?: MetricOptions) => {
      const options = withBuckets(given);
      const histogram = createHistogram<T>(name, options);
      const exemplars = this.#exemplars?.histogram(scope, name, boundariesOf(options));
      return exemplars === undefined ? histogram : keepExemplars(histogram, exemplars);
    };
  }

  enable(): void {}
  disable(): void {}
  setTracerProvider(): void {}
  setConfig(): void {}
  getConfig(): InstrumentationConfig {
    return {};
  }
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

const NO_ATTRIBUTES: Attributes = {};

function keepExemplars<T extends Attributes>(histogram: Histogram<T>, exemplars: HistogramExemplars): Histogram<T> {
  const record = histogram.record.bind(histogram);
  histogram.record = (value: number, attributes?: T, measuredIn?: Context) => {
    record(value, attributes, measuredIn);
    exemplars.offer(value, attributes ?? NO_ATTRIBUTES, measuredIn);
  };
  return histogram;
}
