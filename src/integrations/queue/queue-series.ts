// What is measured of one queue. Looked up by the queue's name alone; the SDK would look each count up by all its attributes.
import type { Attributes } from '@opentelemetry/api';
import { KeptSeries } from '../../sdk/metrics/bound-instrument.js';
import { OTHER } from './error-type.js';
import { ATTR_DESTINATION, ATTR_ERROR_TYPE, ATTR_OPERATION_NAME, ATTR_SYSTEM, SYSTEM } from './names.js';

/** How an attempt ended. */
export type JobOutcome = 'completed' | 'retried' | 'dead';

/** Types of error are kept up to this many series; further ones count as {@link OTHER}. */
const MAX_OPERATIONS = 200;

/** One operation, where it failed by type of error. */
export class OperationSeries extends KeptSeries {
  /** Sent or consumed. */
  messages = 0;
}

export class QueueSeries {
  readonly waits: KeptSeries;
  /** Ended attempts. */
  readonly outcomes: Record<JobOutcome, number> = { completed: 0, retried: 0, dead: 0 };
  stalled = 0;
  readonly #client: Attributes;
  readonly #operations = new Map<string, OperationSeries>();

  constructor(attributes: Attributes) {
    this.waits = new KeptSeries(attributes);
    this.#client = { [ATTR_SYSTEM]: SYSTEM, ...attributes };
  }

  /** @param type of the error, where it failed */
  operation(name: string, type?: string): OperationSeries {
    const key = type === undefined ? name : `${name}\n${type}`;
    const known = this.#operations.get(key);
    if (known !== undefined) return known;
    if (type !== undefined && type !== OTHER && this.#operations.size >= MAX_OPERATIONS) return this.operation(name, OTHER);
    const attributes: Attributes = { ...this.#client, [ATTR_OPERATION_NAME]: name };
    if (type !== undefined) attributes[ATTR_ERROR_TYPE] = type;
    const made = new OperationSeries(attributes);
    this.#operations.set(key, made);
    return made;
  }

  get operations(): Iterable<OperationSeries> {
    return this.#operations.values();
  }
}

export function seriesOf(queue: string): QueueSeries {
  return new QueueSeries({ [ATTR_DESTINATION]: queue });
}
