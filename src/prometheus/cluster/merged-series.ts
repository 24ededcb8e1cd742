// One series of a metric of several processes.
import type { Attributes } from '@opentelemetry/api';
import type { Exemplar } from '../../sdk/metrics/exemplar.js';
import { ExponentialBuckets, type ExponentialCounts } from '../../sdk/metrics/exponential-buckets.js';
import { ATTR_WORKER } from '../names.js';

/** A process in the merge. Two may have the same label for a while, when one replaces the other. */
export interface ReportingProcess {
  readonly label: string;
}

/** The numbers of one series: `[value]`, or `[sum, count of each bucket…]` of a histogram. */
export type SeriesValues = readonly number[];

/** The values that one process has reported, or several together. */
export interface SeriesTotal {
  readonly values: SeriesValues;
  /** Present for a histogram whose exponential buckets are counted. */
  readonly exponential?: ExponentialCounts | undefined;
}

export class MergedSeries {
  readonly key: string;
  readonly attributes: Attributes;
  /**
   * Number of processes that have the series, also of those that report no value of it at present.
   */
  holders = 0;
  /** The latest values of each process. */
  readonly latest = new Map<ReportingProcess, SeriesTotal>();
  /** Sum over the processes that have ended; counters and histograms only. */
  #ofEnded: SeriesTotal | undefined;
  readonly #attributesOf = new Map<string, Attributes>();
  readonly exemplars: (Exemplar | undefined)[] = [];

  constructor(key: string, attributes: Attributes) {
    this.key = key;
    this.attributes = attributes;
  }

  /**
   * Attributes with the label of the process: one object for the life of the series, so that its
   * text is made once.
   */
  attributesOf(label: string): Attributes {
    let attributes = this.#attributesOf.get(label);
    if (attributes === undefined) {
      attributes = { ...this.attributes, [ATTR_WORKER]: label };
      this.#attributesOf.set(label, attributes);
    }
    return attributes;
  }

  /**
   * Sum over all processes, or over those that ended and `only`; `undefined` when none has reported
   * a value.
   */
  total(only?: ReadonlySet<ReportingProcess>): SeriesTotal | undefined {
    let total = this.#ofEnded;
    for (const [process, latest] of this.latest)
      if (only === undefined || only.has(process)) total = total === undefined ? latest : added(total, latest);
    return total;
  }

  /** Removes an ended process. @param keep whether its counts stay in the sum */
  retire(process: ReportingProcess, keep: boolean): void {
    const last = this.latest.get(process);
    if (last === undefined) return;
    if (keep) this.#ofEnded = this.#ofEnded === undefined ? last : added(this.#ofEnded, last);
    this.latest.delete(process);
  }

  offerExemplar(bucket: number, exemplar: Exemplar): void {
    const known = this.exemplars[bucket];
    if (known === undefined || known.time <= exemplar.time) this.exemplars[bucket] = exemplar;
  }
}

function added(one: SeriesTotal, other: SeriesTotal): SeriesTotal {
  const values = one.values.map((value, index) => value + (other.values[index] ?? 0));
  const exponentials = [one.exponential, other.exponential].filter((each) => each !== undefined);
  if (exponentials.length === 0) return { values };
  const buckets = new ExponentialBuckets();
  for (const each of exponentials) buckets.merge(each);
  return { values, exponential: buckets.current };
}
