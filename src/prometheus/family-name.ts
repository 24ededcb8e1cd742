// Names of Prometheus metric families and labels, made from OpenTelemetry names and units by the
// Prometheus compatibility specification as github.com/prometheus/otlptranslator implements it,
// which the Collector uses: series have the same names on both paths.

/** The type, which the name depends on beside name and unit. */
export type FamilyType = 'counter' | 'gauge' | 'up-down counter' | 'histogram';

const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/**
 * Name of the family without `_total`, e.g. `http_server_request_duration_seconds`; counters have
 * `_total` after it. A unit in braces (`{job}`) adds nothing; `1` adds `_ratio` to gauges only.
 * Empty when no usable character is left.
 */
export function familyName(name: string, unit: string, type: FamilyType): string {
  let tokens = tokensOf(name);
  for (const token of unitTokens(unit)) if (!tokens.includes(token)) tokens.push(token);
  if (type === 'counter') tokens = tokens.filter((token) => token !== 'total');
  if (type === 'gauge' && unit === '1') tokens = [...tokens.filter((token) => token !== 'ratio'), 'ratio'];
  const joined = tokens.join('_');
  return /^[0-9]/.test(joined) ? `_${joined}` : joined;
}

/** The same with the name as it is before the unit: `http.server.request.duration_seconds`. */
export function familyNameUtf8(name: string, unit: string, type: FamilyType): string {
  let base = type === 'counter' ? withoutSuffix(name, 'total') : name;
  const ratio = type === 'gauge' && unit === '1' ? ['ratio'] : [];
  const suffixes = [...unitTokens(unit), ...ratio];
  for (const suffix of suffixes.toReversed()) base = withoutSuffix(base, suffix);
  return [base, ...suffixes].join('_');
}

function withoutSuffix(name: string, suffix: string): string {
  const end = name.slice(-suffix.length - 1);
  return end === `_${suffix}` || end === `.${suffix}` ? name.slice(0, -end.length) : name;
}

/** The unit in words, if `family` ends with it: OpenMetrics allows `# UNIT` only then. */
export function familyUnit(family: string, unit: string): string | undefined {
  const words = unit === '1' ? 'ratio' : unitTokens(unit).join('_');
  return words !== '' && family.endsWith(`_${words}`) ? words : undefined;
}

/** `http.request.method` → `http_request_method`. */
export function labelName(key: string): string {
  const reserved = key.length > 4 && key.startsWith('__') && key.endsWith('__');
  const name = (reserved ? key.slice(2, -2) : key).replace(/[^a-zA-Z0-9]+/g, '_');
  if (reserved) return `__${name}__`;
  return /^[0-9]/.test(name) ? `key_${name}` : name;
}

function tokensOf(name: string): string[] {
  return name.split(/[^a-zA-Z0-9:]+/).filter((token) => token !== '');
}

/** `By/s` → `bytes`, `per_second`. */
function unitTokens(unit: string): string[] {
  const slash = unit.indexOf('/');
  const main = unitWord(slash === -1 ? unit : unit.slice(0, slash), UNITS);
  const per = slash === -1 ? '' : unitWord(unit.slice(slash + 1), PER_UNITS);
  return [main, per === '' ? '' : `per_${per}`].filter((token) => token !== '');
}

function unitWord(unit: string, words: Readonly<Record<string, string>>): string {
  const trimmed = unit.trim();
  if (/[{}]/.test(trimmed)) return '';
  const word = Object.hasOwn(words, trimmed) ? (words[trimmed] ?? '') : trimmed;
  return word.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_|_$/g, '');
}
