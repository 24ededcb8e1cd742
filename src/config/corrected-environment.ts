// Corrects the environment variables that OpenTelemetry's own code reads, while it reads them: it
// knows enumerated values in lower case only, accepts negative limits, and ignores unknown values
// silently.
import { asProcessEnvironment } from './environment.js';
import type { Environment } from './read.js';

interface Correction {
  readonly expected: string;
  readonly using: string;
  /** The value in the form that upstream accepts; undefined for a wrong one. */
  read(text: string): string | undefined;
  /** Why a value that the specification has is none here. */
  whyNot?(text: string): string | undefined;
}

const SIGNALS = ['', 'TRACES_', 'METRICS_', 'LOGS_'];
const BASE_SAMPLERS = ['always_on', 'always_off', 'traceidratio'];

const CORRECTIONS: ReadonlyMap<string, Correction> = new Map([
  [
    'OTEL_TRACES_SAMPLER',
    { ...oneOf([...BASE_SAMPLERS, ...BASE_SAMPLERS.map((name) => `parentbased_${name}`)], 'parentbased_always_on'), whyNot: whyNoSampler },
  ],
  ['SIETCH_OTEL_COMPAT', oneOf(['0.1'], 'the names of this release')],
  ['OTEL_TRACES_SAMPLER_ARG', share('1')],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', oneOf(['cumulative', 'delta', 'lowmemory'], 'cumulative')],
  ...SIGNALS.map((signal) => [`OTEL_EXPORTER_OTLP_${signal}COMPRESSION`, oneOf(['gzip', 'none'], 'none')] as const),
  ...SIGNALS.map((signal) => [`OTEL_EXPORTER_OTLP_${signal}INSECURE`, oneOf(['true', 'false'], 'false')] as const),
  ...SIGNALS.map((signal) => [`OTEL_EXPORTER_OTLP_${signal}TIMEOUT`, atLeast(1, '10000')] as const),
  ...['', 'SPAN_', 'LOGRECORD_'].flatMap((kind) => [
    [`OTEL_${kind}ATTRIBUTE_VALUE_LENGTH_LIMIT`, atLeast(0, 'no limit')] as const,
    [`OTEL_${kind}ATTRIBUTE_COUNT_LIMIT`, atLeast(0, '128')] as const,
  ]),
  ...['EVENT', 'LINK', 'ATTRIBUTE_PER_EVENT', 'ATTRIBUTE_PER_LINK'].map(
    (what) => [`OTEL_SPAN_${what}_COUNT_LIMIT`, atLeast(0, '128')] as const,
  ),
]);

function oneOf(words: readonly string[], using: string): Correction {
  return { expected: `one of ${words.join(', ')}`, using, read: (text) => words.find((word) => word === text.toLowerCase()) };
}

function whyNoSampler(text: string): string | undefined {
  if (!/^(?:parentbased_)?jaeger_remote$/i.test(text)) return undefined;
  return 'is not supported: no server is asked for the share of traces (the file of OTEL_CONFIG_FILE can change it at run time)';
}

function atLeast(least: number, using: string): Correction {
  const read = (text: string) => (/^\+?\d+$/.test(text) && Number(text) >= least ? text : undefined);
  return { expected: `an integer of at least ${least}`, using, read };
}

function share(using: string): Correction {
  const read = (text: string) => (Number(text) >= 0 && Number(text) <= 1 ? text : undefined);
  return { expected: 'a number from 0 to 1', using, read };
}

/**
 * Calls `work` while `process.env` holds the corrected values. The app, which does not run
 * meanwhile, finds its own.
 * @param problems receives one line for each wrong value
 */
export function inCorrectedEnvironment<Result>(problems: string[], work: () => Result): Result {
  return asProcessEnvironment(() => whileCorrected(problems, work));
}

function whileCorrected<Result>(problems: string[], work: () => Result): Result {
  const given = correct(process.env, problems);
  try {
    return work();
  } finally {
    for (const [name, value] of given) process.env[name] = value;
  }
}

/** The values that were there before. */
function correct(env: Record<string, string | undefined>, problems: string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (const [name, value] of wrongValues(env)) {
    const { expected, using, read } = value.correction;
    const corrected = read(value.text.trim());
    if (corrected === value.text) continue;
    given.set(name, value.text);
    if (corrected !== undefined) env[name] = corrected;
    else {
      delete env[name];
      const got = JSON.stringify(value.text.slice(0, 60));
      const whyNot = value.correction.whyNot?.(value.text.trim());
      problems.push(`${name}: ${whyNot === undefined ? `expected ${expected}, got ${got}` : `${got} ${whyNot}`}; using ${using}`);
    }
  }
  return given;
}

function wrongValues(env: Environment): [string, { readonly text: string; readonly correction: Correction }][] {
  return [...CORRECTIONS].flatMap(([name, correction]) => {
    const text = env[name];
    return text === undefined || text.trim() === '' ? [] : [[name, { text, correction }]];
  });
}
