// Sees every histogram that is created, to give it buckets for seconds and exemplars. It is an instrumentation only in form: that is how the SDK hands
// out its meter provider before anybody asks that for a meter. Views serve for neither: one that sets buckets overrides those of the instrument itself,
// and none sees a measurement.
import type { Attributes, Context, Histogram, Meter, MeterProvider, MetricOptions } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Instrumentation, InstrumentationConfig } from '@opentelemetry/instrumentation';
import { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { DISTRO_VERSION } from '../sdk/version.js';
import { boundariesOf, withBuckets } from './buckets.js';
import type { ExemplarStore, HistogramExemplars } from './exemplars.js';

/** To be the first in the SDK's list of instrumentations. */
export class MeterWatch implements Instrumentation {
  readonly instrumentationName = '@sietch/otel/metrics';
  readonly instrumentationVersion = DISTRO_VERSION;
  readonly #exemplars: ExemplarStore | undefined;
  readonly #watched = new WeakSet<MeterProvider | Meter>();

  /** @param exemplars `undefined` to keep none. */
  constructor(exemplars: ExemplarStore | undefined) {
    this.#exemplars = exemplars;
  }

  setMeterProvider(provider: MeterProvider): void {
    // The API's no-op provider, handed out before the SDK's, is one object for the whole process.
    if (!(provider instanceof SdkMeterProvider) || this.#watched.has(provider)) return;
    this.#watched.add(provider);
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

const NO_ATTRIBUTES: Attributes = {};

function keepExemplars<T extends Attributes>(histogram: Histogram<T>, exemplars: HistogramExemplars): Histogram<T> {
  const record = histogram.record.bind(histogram);
  histogram.record = (value: number, attributes?: T, measuredIn?: Context) => {
    record(value, attributes, measuredIn);
    exemplars.offer(value, attributes ?? NO_ATTRIBUTES, measuredIn);
  };
  return histogram;
}
