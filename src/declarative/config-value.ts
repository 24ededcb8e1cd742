// Values of a configuration file, read as the type that is expected. What is of another type is
// reported, and read as if it were not there.
import { isMap, isNode, isSeq, type Pair, type YAMLMap } from 'yaml';
import { nearestKey } from '../config/options.js';
import type { Place } from './file-configuration.js';
import type { Reading, ScalarValue } from './reading.js';

const SHOWN_LENGTH = 60;

export class ConfigValue {
  readonly place: Place;
  readonly #reading: Reading;
  readonly #node: unknown;

  /** @param at where it stands, which for an alias is not where its node stands */
  constructor(reading: Reading, at: unknown, path: string, fallback?: Place) {
    this.#reading = reading;
    this.place = isNode(at) ? reading.placeOf(at, path) : { ...(fallback ?? reading.placeOf(undefined, path)), path };
    this.#node = reading.resolve(at);
  }

  /** Nothing stands after the colon. */
  get isNull(): boolean {
    return this.#node === null || this.#node === undefined || this.#scalar()?.value === null;
  }

  /** The text of any scalar. */
  text(): string | undefined {
    if (this.isNull) return undefined;
    return this.#scalar()?.text ?? this.#expected('text');
  }

  integer(min: number): number | undefined {
    return this.#typed(`an integer of at least ${min}`, ({ value }) => Number.isSafeInteger(value) && Number(value) >= min, Number);
  }

  number(min: number, max: number): number | undefined {
    return this.#typed(`a number from ${min} to ${max}`, ({ value }) => typeof value === 'number' && value >= min && value <= max, Number);
  }

  boolean(): boolean | undefined {
    return this.#typed('true or false', ({ value }) => typeof value === 'boolean', Boolean);
  }

  choice<const Word extends string>(words: readonly Word[]): Word | undefined {
    if (this.isNull) return undefined;
    const text = this.#scalar()?.text;
    return words.find((word) => word === text) ?? this.#expected(`one of ${words.join(', ')}`);
  }

  /** The value of a scalar, whatever its type. */
  scalar(): ScalarValue | undefined {
    return this.#scalar() ?? this.#expected('a text, a number, true or false');
  }

  get isList(): boolean {
    return isSeq(this.#node);
  }

  list(): ConfigValue[] {
    if (this.isNull) return [];
    if (!isSeq(this.#node)) return this.#expected('a list') ?? [];
    return this.#node.items.map((item, index) => new ConfigValue(this.#reading, item, `${this.place.path}[${index}]`, this.place));
  }

  /** Without a value, an empty one. */
  map(): ConfigMap {
    if (!this.isNull && !isMap(this.#node)) this.#expected('properties');
    return new ConfigMap(this.#reading, isMap(this.#node) ? this.#node : undefined, this.place);
  }

  /** The one property of a choice between kinds, `batch:` or `simple:`. */
  kind(): { readonly name: string; readonly value: ConfigValue } | undefined {
    const map = this.map();
    const [name, ...more] = map.keys();
    const value = name === undefined ? undefined : map.get(name);
    if (name === undefined || value === undefined || more.length > 0) return this.#expected('exactly one property');
    return { name, value };
  }

  ignore(why: string): void {
    this.#reading.report(this.place, why);
  }

  /** @param known the names of its kinds */
  ignoreKind(name: string, known: readonly string[]): void {
    this.#reading.report({ ...this.place, path: `${this.place.path}.${name.slice(0, SHOWN_LENGTH)}` }, ignored(name, known));
  }

  #typed<T>(expected: string, accepts: (scalar: ScalarValue) => boolean, convert: (value: unknown) => T): T | undefined {
    if (this.isNull) return undefined;
    const scalar = this.#scalar();
    return scalar !== undefined && accepts(scalar) ? convert(scalar.value) : this.#expected(expected);
  }

  #scalar(): ScalarValue | undefined {
    return this.#reading.scalarOf(this.#node, this.place);
  }

  /** Shows what is written, not what a variable put there. */
  #expected(what: string): undefined {
    const written = this.#scalar()?.written;
    const got =
      written === undefined
        ? this.isList
          ? 'a list'
          : this.isNull
            ? 'nothing'
            : 'properties'
        : JSON.stringify(written.slice(0, SHOWN_LENGTH));
    this.#reading.report(this.place, `expected ${what}, got ${got}; it is ignored`);
    return undefined;
  }
}

export class ConfigMap {
  readonly place: Place;
  readonly #reading: Reading;
  readonly #pairs = new Map<string, Pair>();
  readonly #known = new Set<string>();

  constructor(reading: Reading, map: YAMLMap | undefined, place: Place) {
    this.#reading = reading;
    this.place = place;
    for (const pair of map?.items ?? []) this.#pairs.set(String(pair.key), pair);
  }

  keys(): string[] {
    return [...this.#pairs.keys()];
  }

  /** Undefined when it is absent. */
  get(key: string): ConfigValue | undefined {
    this.#known.add(key);
    const pair = this.#pairs.get(key);
    return pair === undefined ? undefined : new ConfigValue(this.#reading, pair.value, this.#pathOf(key), this.#placeOf(pair, key));
  }

  /** The properties of one property; none, when it is absent. */
  section(key: string): ConfigMap {
    return this.get(key)?.map() ?? new ConfigMap(this.#reading, undefined, { ...this.place, path: this.#pathOf(key) });
  }

  report(what: string): void {
    this.#reading.report(this.place, what);
  }

  /** Properties that the schema has and this distribution does not. */
  leaveOut(...keys: readonly string[]): void {
    for (const key of keys) {
      const value = this.get(key);
      if (value !== undefined && !value.isNull) value.ignore('not supported, it is ignored');
    }
  }

  /** Reports the properties that nobody has asked for. */
  end(): void {
    for (const [key, pair] of this.#pairs) {
      if (!this.#known.has(key)) this.#reading.report(this.#placeOf(pair, key), ignored(key, [...this.#known]));
    }
  }

  #pathOf(key: string): string {
    return this.place.path === '' ? key : `${this.place.path}.${key}`;
  }

  #placeOf({ key: node }: Pair, key: string): Place {
    return this.#reading.placeOf(isNode(node) ? node : undefined, this.#pathOf(key.slice(0, SHOWN_LENGTH)));
  }
}

function ignored(name: string, known: readonly string[]): string {
  if (name.endsWith('/development')) return 'experimental and not supported, it is ignored';
  const nearest = nearestKey(name, known);
  return `unknown, it is ignored${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
}
