// Exponential buckets of positive values: bucket i holds what is above base^i and at most
// base^(i+1), with base = 2^(2^-scale). The scale falls, and with it the resolution, so that all
// values fit into 160 of them (opentelemetry-specification, metrics/data-model.md,
// "ExponentialHistogram"). The SDK's can neither be read without a copy nor merged with those of
// another process.

/** Exponential buckets as one reader collects them, or one process reports them. */
export interface ExponentialCounts {
  readonly scale: number;
  readonly zeroCount: number;
  /** Index of the first bucket. */
  readonly offset: number;
  readonly counts: readonly number[];
}

export const MAX_BUCKETS = 160;
const MAX_SCALE = 20;
/** The smallest normal number; all that are smaller are in its bucket. */
const MIN_NORMAL = 2 ** -1022;
const MIN_EXPONENT = -1022;
const MAX_EXPONENT = 1023;
const EXPONENT_BIAS = 1023;

export class ExponentialBuckets {
  #scale = MAX_SCALE;
  #zeroCount = 0;
  #offset = 0;
  #counts: number[] = [];

  /** @param value at least 0, and finite */
  add(value: number): void {
    if (value === 0) {
      this.#zeroCount++;
      return;
    }
    const index = indexOf(value, this.#scale);
    const shift = this.#shiftToHold(index, index);
    if (shift === 0) this.#increase(index, 1);
    else {
      this.#downscale(shift);
      this.#increase(indexOf(value, this.#scale), 1);
    }
  }

  /** Adds other buckets to these, at the scale that holds both. */
  merge({ scale, zeroCount, offset, counts }: ExponentialCounts): void {
    this.#zeroCount += zeroCount;
    if (counts.length === 0) return;
    if (this.#counts.length === 0) this.#scale = scale;
    if (scale < this.#scale) this.#downscale(this.#scale - scale);
    const down = scale - this.#scale;
    this.#downscale(this.#shiftToHold(offset >> down, (offset + counts.length - 1) >> down));
    const shift = scale - this.#scale;
    for (const [position, count] of counts.entries()) if (count > 0) this.#increase((offset + position) >> shift, count);
  }

  /** A copy, or these themselves: they must not be changed. */
  get current(): ExponentialCounts {
    const hasPositive = this.#counts.length > 0;
    return { scale: hasPositive ? this.#scale : 0, zeroCount: this.#zeroCount, offset: this.#offset, counts: this.#counts };
  }

  clear(): void {
    this.#scale = MAX_SCALE;
    this.#zeroCount = 0;
    this.#offset = 0;
    this.#counts = [];
  }

  /** Returns by how much the scale has to fall for all buckets and those from `low` to `high` to fit. */
  #shiftToHold(low: number, high: number): number {
    const { length } = this.#counts;
    let lowest = length === 0 ? low : Math.min(low, this.#offset);
    let highest = length === 0 ? high : Math.max(high, this.#offset + length - 1);
    let shift = 0;
    while (highest - lowest >= MAX_BUCKETS) {
      lowest >>= 1;
      highest >>= 1;
      shift++;
    }
    return shift;
  }

  #downscale(shift: number): void {
    if (shift === 0) return;
    const [before, offset] = [this.#counts, this.#offset];
    this.#scale -= shift;
    this.#offset = 0;
    this.#counts = [];
    for (const [position, count] of before.entries()) if (count > 0) this.#increase((offset + position) >> shift, count);
  }

  #increase(index: number, by: number): void {
    if (this.#counts.length === 0) this.#offset = index;
    if (index < this.#offset) {
      this.#counts.unshift(...new Array<number>(this.#offset - index).fill(0));
      this.#offset = index;
    }
    while (index >= this.#offset + this.#counts.length) this.#counts.push(0);
    const at = index - this.#offset;
    this.#counts[at] = (this.#counts[at] ?? 0) + by;
  }
}

const view = new DataView(new ArrayBuffer(8));

/** The bucket of a positive value. */
function indexOf(value: number, scale: number): number {
  const normal = Math.max(value, MIN_NORMAL);
  view.setFloat64(0, normal);
  const high = view.getUint32(0);
  const exponent = ((high & 0x7ff0_0000) >>> 20) - EXPONENT_BIAS;
  // A power of two is the upper bound of its bucket: logarithms are not that exact.
  const isPower = (high & 0xf_ffff) === 0 && view.getUint32(4) === 0;
  if (scale <= 0) return (exponent - (isPower ? 1 : 0)) >> -scale;
  if (isPower) return exponent * 2 ** scale - 1;
  const index = Math.floor(Math.log(normal) * Math.LOG2E * 2 ** scale);
  return Math.min(Math.max(index, MIN_EXPONENT * 2 ** scale - 1), (MAX_EXPONENT + 1) * 2 ** scale - 1);
}
