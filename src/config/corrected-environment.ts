// Corrects the environment variables that OpenTelemetry's own code reads, while it reads them: it
// knows enumerated values in lower case only, accepts negative limits, and ignores unknown values
// silently.
import { asProcessEnvironment } from './environment.js';
import { otlpVariables } from './otlp-signals.js';
import type { Environment } from './read.js';
import { LONGEST_MS } from './setting.js';

interface Correction {
  readonly expected: string;
  readonly using: string;
  /** The value in the form that upstream accepts; undefined for a wrong one. */
  read(text: string): string | undefined;
  /** Why a value that the specification has is none here. */
  whyNot?(text: string): string | undefined;
}

const BASE_SAMPLERS = ['always_on', 'always_off', 'traceidratio'];

const CORRECTIONS: ReadonlyMap<string, Correction> = new Map([
  [
    'OTEL_TRACES_SAMPLER',
    { ...oneOf([...BASE_SAMPLERS, ...BASE_SAMPLERS.map((name) => `parentbased_${name}`)], 'parentbased_always_on'), whyNot: whyNoSampler },
  ],
  ['SIETCH_OTEL_COMPAT', oneOf(['0.1'], 'the names of this release')],
  ['OTEL_TRACES_SAMPLER_ARG', share('1')],
  ['OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE', oneOf(['cumulative', 'delta', 'lowmemory'], 'cumulative')],
  // The distribution counts what the SDK would.
  ['OTEL_NODE_EXPERIMENTAL_SDK_METRICS', { expected: 'false', using: 'false', read: () => 'false' }],
  ...forEach(otlpVariables('COMPRESSION'), 'none', (using) => oneOf(['gzip', 'none'], using)),
  ...forEach(otlpVariables('INSECURE'), 'false', (using) => oneOf(['true', 'false'], using)),
  ...forEach(otlpVariables('TIMEOUT'), '10000', timeout),
  ['OTEL_EXPORTER_ZIPKIN_TIMEOUT', timeout('10000')],
  ...forEach(attributeVariables('VALUE_LENGTH_LIMIT'), 'no limit', notNegative),
  ...forEach(attributeVariables('COUNT_LIMIT'), '128', notNegative),
  ...['SPAN_EVENT', 'SPAN_LINK', 'SPAN_ATTRIBUTE_PER_EVENT', 'SPAN_ATTRIBUTE_PER_LINK', 'EVENT_ATTRIBUTE', 'LINK_ATTRIBUTE'].map(
    (what) => [`OTEL_${what}_COUNT_LIMIT`, notNegative('128')] as const,
  ),
]);

function attributeVariables(what: string): string[] {
  return ['', 'SPAN_', 'LOGRECORD_'].map((kind) => `OTEL_${kind}ATTRIBUTE_${what}`);
}

/**
 * A variable in each of its forms.
 * @param names the general one first
 * @param using what that one has when it is wrong; the others have what it says
 */
function forEach(names: readonly string[], using: string, create: (using: string) => Correction): (readonly [string, Correction])[] {
  return names.map((name) => [name, create(name === names[0] ? using : `${names[0]}, or ${using} without it`)] as const);
}

function oneOf(words: readonly string[], using: string): Correction {
  return { expected: `one of ${words.join(', ')}`, using, read: (text) => words.find((word) => word === text.toLowerCase()) };
}

function whyNoSampler(text: string): string | undefined {
  if (!/^(?:parentbased_)?jaeger_remote$/i.test(text)) return undefined;
  return 'is not supported: no server is asked for the share of traces (the file of OTEL_CONFIG_FILE can change it at run time)';
}

function notNegative(using: string): Correction {
  return { expected: 'an integer of at least 0', using, read: (text) => (/^\+?\d+$/.test(text) ? text : undefined) };
}

/** 0 is no limit, for which upstream has no word. */
function timeout(using: string): Correction {
  const read = (text: string) => {
    const isKnown = /^\+?\d+$/.test(text) && Number(text) <= LONGEST_MS;
    return isKnown ? String(Number(text) || LONGEST_MS) : undefined;
  };
  return { expected: `an integer from 0 to ${LONGEST_MS}`, using, read };
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
