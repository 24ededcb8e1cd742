// Values that many recorded spans share, held once, with a small number for each that stands for it
// in the bytes of a span. Past the bound a value gets none, and is written out.
import type { SpanShape } from '../trace/completed-span.js';
import type { ConstantAttributes } from '../trace/constant-attributes.js';
import type { SpanHost } from '../trace/span-start.js';

export const NO_NUMBER = -1;

export class SharedValues<Value> {
  readonly #numbers = new Map<Value, number>();
  readonly #values: Value[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#values.length >= this.#most;
  }

  /** `NO_NUMBER` for one that is not held. */
  find(value: Value): number {
    return this.#numbers.get(value) ?? NO_NUMBER;
  }

  /** `NO_NUMBER` for one that finds no room. */
  numberOf(value: Value): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    if (this.isFull) return NO_NUMBER;
    this.#numbers.set(value, this.#values.length);
    return this.#values.push(value) - 1;
  }

  get(number: number): Value | undefined {
    return this.#values[number];
  }

  clear(): void {
    this.#numbers.clear();
    this.#values.length = 0;
  }
}

/** Longer texts are written out. */
const MAX_SHARED_TEXT = 512;
const MAX_TEXTS = 4096;
const MAX_OBJECTS = 2048;
/** Texts that the values of one attribute may add, as of a method or a route; with more it has a new one each time, as a rule. */
const MAX_OF_ATTRIBUTE = 64;
/** Names of spans that may be added, which are few, as a rule. */
const MAX_NAMES = 1024;

/** All that the bytes of a ring refer to. */
export class SpanVocabulary {
  readonly hosts = new SharedValues<SpanHost>(MAX_OBJECTS);
  readonly shapes = new SharedValues<SpanShape>(MAX_OBJECTS);
  readonly constants = new SharedValues<ConstantAttributes>(MAX_OBJECTS);
  readonly #texts = new SharedValues<string>(MAX_TEXTS);
  /** How many texts the values of an attribute have added, by the number of its key. */
  readonly #ofAttribute: number[] = [];
  /** Spans are alike: the key that has followed each key, and the value that each had last, as numbers above 0. */
  readonly #keyAfter = new Int32Array(MAX_TEXTS + 1);
  readonly #lastValue = new Int32Array(MAX_TEXTS + 1);
  #names = 0;

  get isFull(): boolean {
    return this.hosts.isFull || this.shapes.isFull || this.constants.isFull || this.#texts.isFull;
  }

  /** @param before the number of the key before it; `NO_NUMBER` for the first */
  keyNumber(key: string, before: number): number {
    const likely = (this.#keyAfter[before + 1] ?? 0) - 1;
    if (likely !== NO_NUMBER && this.#texts.get(likely) === key) return likely;
    const number = key.length > MAX_SHARED_TEXT ? NO_NUMBER : this.#texts.numberOf(key);
    this.#keyAfter[before + 1] = number + 1;
    return number;
  }

  nameNumber(name: string): number {
    const known = this.#find(name);
    if (known !== NO_NUMBER || name.length > MAX_SHARED_TEXT || this.#names >= MAX_NAMES) return known;
    this.#names++;
    return this.#texts.numberOf(name);
  }

  /** @param key the number of the attribute's key; `NO_NUMBER` for one that adds nothing */
  valueNumber(key: number, value: string): number {
    const last = (this.#lastValue[key + 1] ?? 0) - 1;
    if (last !== NO_NUMBER && this.#texts.get(last) === value) return last;
    const number = this.#addValue(key, value);
    if (number !== NO_NUMBER) this.#lastValue[key + 1] = number + 1;
    return number;
  }

  text(number: number): string {
    return this.#texts.get(number) ?? '';
  }

  /** While nothing refers to it. */
  clear(): void {
    for (const values of [this.hosts, this.shapes, this.constants, this.#texts]) values.clear();
    this.#names = 0;
    this.#ofAttribute.length = 0;
    this.#keyAfter.fill(0);
    this.#lastValue.fill(0);
  }

  #addValue(key: number, value: string): number {
    const known = this.#find(value);
    if (known !== NO_NUMBER || key === NO_NUMBER || value.length > MAX_SHARED_TEXT) return known;
    const count = this.#ofAttribute[key] ?? 0;
    if (count >= MAX_OF_ATTRIBUTE) return NO_NUMBER;
    this.#ofAttribute[key] = count + 1;
    return this.#texts.numberOf(value);
  }

  /** The text of a long one is not looked at. */
  #find(text: string): number {
    return text.length > MAX_SHARED_TEXT ? NO_NUMBER : this.#texts.find(text);
  }
}
