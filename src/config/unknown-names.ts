// Finds misspelt variables, which otherwise do nothing silently, and the name that was probably
// meant.
import { otlpVariables } from './otlp-signals.js';
import type { Environment } from './read.js';
import { UNSUPPORTED_NAMES } from './unsupported-variables.js';

const PREFIX = 'SIETCH_OTEL_';

/** One line for each `SIETCH_OTEL_*` variable that no table knows. */
export function unknownNames(env: Environment, known: readonly string[]): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || known.includes(name) || isOwn(name)) continue;
    const nearest = nearestName(name, known, PREFIX);
    problems.push(`${name}: unknown variable, ignored${nearest === undefined ? '' : `; did you mean ${nearest}?`}`);
  }
  return problems;
}

/** Variables of our tests, and the one that a process sets for its children. */
function isOwn(name: string): boolean {
  return name.startsWith(`${PREFIX}TEST_`) || name === `${PREFIX}PARENT_ENDPOINT`;
}

/** Variables of OpenTelemetry that no table of ours has, so that they do not count as misspelt. */
const OTHER_OTEL_NAMES = [
  ...['ENDPOINT', 'HEADERS', 'PROTOCOL', 'TIMEOUT', 'COMPRESSION', 'CERTIFICATE', 'CLIENT_CERTIFICATE', 'CLIENT_KEY', 'INSECURE'].flatMap(
    otlpVariables,
  ),
  ...['TEMPORALITY_PREFERENCE', 'DEFAULT_HISTOGRAM_AGGREGATION'].map((what) => `OTEL_EXPORTER_OTLP_METRICS_${what}`),
  ...['SCHEDULE_DELAY', 'EXPORT_TIMEOUT', 'MAX_QUEUE_SIZE', 'MAX_EXPORT_BATCH_SIZE'].flatMap((what) => [
    `OTEL_BSP_${what}`,
    `OTEL_BLRP_${what}`,
  ]),
  ...['ATTRIBUTE_COUNT_LIMIT', 'ATTRIBUTE_VALUE_LENGTH_LIMIT', 'EVENT_COUNT_LIMIT', 'LINK_COUNT_LIMIT'].map((what) => `OTEL_SPAN_${what}`),
  ...['ATTRIBUTE_COUNT_LIMIT', 'ATTRIBUTE_VALUE_LENGTH_LIMIT'].flatMap((what) => [`OTEL_${what}`, `OTEL_LOGRECORD_${what}`]),
  ...UNSUPPORTED_NAMES,
  ...['OTEL_EXPERIMENTAL_CONFIG_FILE', 'OTEL_SEMCONV_STABILITY_OPT_IN', 'OTEL_NODE_EXPERIMENTAL_SDK_METRICS'],
  ...['OTEL_METRICS_EXEMPLAR_FILTER', 'OTEL_METRIC_EXPORT_INTERVAL', 'OTEL_METRIC_EXPORT_TIMEOUT', 'OTEL_GO_X_EXEMPLAR'],
];
/** Words of names that belong to other languages and tools. */
const FOREIGN = /^OTEL_(PYTHON|JAVA|JAVAAGENT|INSTRUMENTATION|DOTNET|PHP|RUBY|GO|AUTO|BOOTSTRAP|COLLECTOR|OPERATOR|INJECTOR|EBPF)_/;

/** One line for each unknown `OTEL_*` variable that is close to a known one. */
export function misspeltNames(env: Environment, ours: readonly string[]): string[] {
  const known = new Set([...ours, ...OTHER_OTEL_NAMES]);
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith('OTEL_') || known.has(name) || FOREIGN.test(name)) return [];
    const nearest = nearestName(name, [...known], 'OTEL_');
    return nearest === undefined ? [] : [`${name}: no variable of OpenTelemetry, ignored; did you mean ${nearest}?`];
  });
}

function nearestName(name: string, known: readonly string[], prefix: string): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.ceil((name.length - prefix.length) / 3) + 1;
  for (const candidate of known) {
    if (!candidate.startsWith(prefix)) continue;
    // One word too many or too few is a smaller mistake than as many wrong letters.
    const distance = differentWords(name, candidate) === 1 ? 1 : editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Words, between underscores, that only one of the names has. */
function differentWords(a: string, b: string): number {
  const [inA, inB] = [new Set(a.split('_')), new Set(b.split('_'))];
  return [...inA].filter((word) => !inB.has(word)).length + [...inB].filter((word) => !inA.has(word)).length;
}

/** Levenshtein distance, one row at a time. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
