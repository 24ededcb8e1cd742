// A series that its caller keeps, so that nothing is looked up when it measures: the lookup by attributes is most of what a measurement costs.
import type { Attributes, Histogram, SpanContext } from '@opentelemetry/api';
import { storageOf } from './metric-storages.js';
import type { MeasuredSeries } from './series-storage.js';

/** One set of attributes. Found once, and again when the histogram is another: as it is when the SDK sets its meter provider. */
export class BoundInstrument {
  readonly attributes: Attributes;
  #histogram: Histogram | undefined = undefined;
  #series: MeasuredSeries | undefined = undefined;

  constructor(attributes: Attributes) {
    this.attributes = attributes;
  }

  of(histogram: Histogram): MeasuredSeries {
    if (this.#series !== undefined && histogram === this.#histogram) return this.#series;
    this.#histogram = histogram;
    this.#series = storageOf(histogram)?.series(this.attributes) ?? new PassingSeries(histogram, this.attributes);
    return this.#series;
  }
}

/** Of a histogram that is not ours: of the API without an SDK, or of another SDK. */
class PassingSeries implements MeasuredSeries {
  readonly #histogram: Histogram;
  readonly #attributes: Attributes;

  constructor(histogram: Histogram, attributes: Attributes) {
    this.#histogram = histogram;
    this.#attributes = attributes;
  }

  record(value: number, _span: SpanContext | undefined): void {
    this.#histogram.record(value, this.#attributes);
  }
}
