// An instrument bound to one set of attributes, so that no series is looked up when it records: the
// lookup by attributes is most of the cost of a measurement.
import type { Attributes, Histogram, SpanContext } from '@opentelemetry/api';
import { storageOf } from './metric-storages.js';
import type { MeasuredSeries } from './series-storage.js';

/**
 * Looks its series up once, and again for another histogram, as after the SDK has set its meter
 * provider.
 */
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
    this.#series = storageOf(histogram)?.series(this.attributes) ?? new ForwardingSeries(histogram, this.attributes);
    return this.#series;
  }
}

/**
 * A series of a histogram without a storage of ours: of the API without an SDK, or of another SDK.
 */
class ForwardingSeries implements MeasuredSeries {
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
