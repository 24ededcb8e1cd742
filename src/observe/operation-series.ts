// The duration series of one target (a database, a server, a queue): one for each operation, and
// one for each operation and type of error where it failed. Bound once, so that a measurement looks
// nothing up; bounded, because an app can make up types of errors (RAISE, an error's `code`).
import type { Attributes } from '@opentelemetry/api';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { BoundInstrument } from '../sdk/metrics/bound-instrument.js';
import { OTHER } from '../sdk/metrics/overflow.js';

/** Pairs of operation and error type of one target; the types past it are `_OTHER`. */
const MAX_FAILURES = 300;

/** Its series, and their attributes, are the same objects each time: never change them. */
export class OperationSeries<Series extends BoundInstrument = BoundInstrument> {
  readonly #attributes: Attributes;
  readonly #operationKey: string;
  readonly #create: (attributes: Attributes) => Series;
  readonly #succeeded = new Map<string, Series>();
  readonly #failed = new Map<string, Series>();

  /** @param operationKey the attribute that names the operation */
  constructor(attributes: Attributes, operationKey: string, create: (attributes: Attributes) => Series) {
    this.#attributes = attributes;
    this.#operationKey = operationKey;
    this.#create = create;
  }

  /** @param operation of a bounded set */
  succeeded(operation: string): Series {
    const known = this.#succeeded.get(operation);
    if (known !== undefined) return known;
    const series = this.#create({ ...this.#attributes, [this.#operationKey]: operation });
    this.#succeeded.set(operation, series);
    return series;
  }

  failed(operation: string, errorType: string): Series {
    const known = this.#failed.get(`${operation} ${errorType}`);
    if (known !== undefined) return known;
    if (errorType !== OTHER && this.#failed.size >= MAX_FAILURES) return this.failed(operation, OTHER);
    const series = this.#create({ ...this.succeeded(operation).attributes, [ATTR_ERROR_TYPE]: errorType });
    this.#failed.set(`${operation} ${errorType}`, series);
    return series;
  }

  *[Symbol.iterator](): IterableIterator<Series> {
    yield* this.#succeeded.values();
    yield* this.#failed.values();
  }
}

/** The usual series of durations. */
export function durationSeries(attributes: Attributes, operationKey: string): OperationSeries {
  return new OperationSeries(attributes, operationKey, (each) => new BoundInstrument(each));
}
