// The kinds of settings. A setting is data: the same object parses the variable, makes the row of
// docs/reference/settings.md and types `start()`.

/** One setting: an environment variable and, under its key in a table, an option of `start()`. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly env: string;
  /** The form of a value, for the reference: `integer`, `on | off`, `list`. */
  readonly kind: string;
  /** Used when the variable is unset, empty or wrong. */
  readonly default: T;
  /** The default as it would be written in the variable; empty when there is none. */
  readonly defaultText: string;
  /** Unit of a number. */
  readonly unit?: string;
  /** One sentence for the reference. */
  readonly meaning: string;
  /** The value may hold a credential: it is never printed. */
  readonly secret?: boolean;
  /**
   * Meaning and parsing belong to the OpenTelemetry SDK, which reads the variable itself; it is
   * listed for the documentation.
   */
  readonly readBySdk?: boolean;
  /** A changed configuration file changes it while the process runs. */
  readonly changesAtRuntime?: boolean;
  /** The expected value, for the message about a wrong one. */
  readonly expected: string;
  /** Returns `undefined` for a wrong value. */
  parse(text: string): T | undefined;
  /** Parts of a value that are wrong, where the others are used. */
  unknownIn?(text: string): readonly string[];
}

export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** The values of a table, by key. */
export type SettingsOf<T extends SettingsTable> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never };

interface Common {
  env: string;
  meaning: string;
  secret?: boolean;
  readBySdk?: boolean;
  changesAtRuntime?: boolean;
}

/**
 * On or off. `true`/`false` are understood too, in any case; `OTEL_*` variables know only `true`.
 */
export function flag(options: Common & { default: boolean }): Setting<boolean> {
  const words = options.env.startsWith('OTEL_') ? (['true', 'false'] as const) : (['on', 'off'] as const);
  const expected = words.join(' or ');
  return {
    ...options,
    kind: words.join(' \\| '),
    defaultText: words[options.default ? 0 : 1],
    expected,
    parse(text) {
      const word = text.toLowerCase();
      if (word === 'true' || word === words[0]) return true;
      if (word === 'false' || word === words[1]) return false;
      return undefined;
    },
  };
}

/** A whole number within bounds. */
export function integer(options: Common & { default: number; min?: number; max?: number; unit?: string }): Setting<number> {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return {
    ...options,
    kind: 'integer',
    defaultText: String(options.default),
    expected: `an integer ${range}`,
    parse(text) {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** The longest time that a timer of Node can wait; a longer one ends at once. */
export const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds, as the specification's "duration". */
export function duration(options: Common & { default: number; min?: number }): Setting<number> {
  return integer({ ...options, max: LONGEST_MS, unit: 'ms' });
}

/** Milliseconds, as the specification's "timeout": 0 is no limit, hence the longest time there is. */
export function timeout(options: Common & { default: number }): Setting<number> {
  const setting = duration(options);
  return {
    ...setting,
    parse(text) {
      const value = setting.parse(text);
      return value === 0 ? LONGEST_MS : value;
    },
  };
}

/** A number within bounds, fractions allowed. */
export function decimal(options: Common & { default: number; min: number; max: number; unit?: string }): Setting<number> {
  const { min, max } = options;
  return {
    ...options,
    kind: 'number',
    defaultText: String(options.default),
    expected: `a number from ${min} to ${max}`,
    parse(text) {
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
  };
}

/** One word of a fixed set, in any case. */
export function choice<const T extends string>(options: Common & { default: NoInfer<T>; of: readonly T[] }): Setting<T> {
  const { of, ...rest } = options;
  return {
    ...rest,
    kind: of.join(' \\| '),
    defaultText: rest.default,
    expected: `one of ${of.join(', ')}`,
    parse: (text) => of.find((word) => word === text.toLowerCase()),
  };
}

/** Free text, at most 1,000 characters. */
export function text(options: Common & { default: string; expected?: string; accepts?: (text: string) => boolean }): Setting<string> {
  const { accepts = () => true, expected = 'text of at most 1000 characters', ...rest } = options;
  return {
    ...rest,
    kind: 'text',
    defaultText: rest.default,
    expected,
    parse: (value) => (value.length <= 1000 && accepts(value) ? value : undefined),
  };
}

/**
 * Words divided by commas: trimmed, doubles removed, order kept. With `of`, those of the set in any
 * case; others are reported and left out.
 */
export function list(options: Common & { default: readonly string[]; of?: readonly string[] }): Setting<readonly string[]> {
  const { of, ...rest } = options;
  return {
    ...rest,
    kind: 'list',
    defaultText: rest.default.join(','),
    expected: of ? `a comma-separated list of ${of.join(', ')}` : 'a comma-separated list',
    parse(value) {
      const words = wordsOf(value);
      const known = of === undefined ? words : words.flatMap((word) => knownWord(of, word) ?? []);
      return words.length > 0 && known.length === 0 ? undefined : [...new Set(known)];
    },
    unknownIn: (value) => (of === undefined ? [] : wordsOf(value).filter((word) => knownWord(of, word) === undefined)),
  };
}

function wordsOf(list: string): string[] {
  return list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function knownWord(of: readonly string[], word: string): string | undefined {
  return of.find((each) => each === word.toLowerCase());
}
