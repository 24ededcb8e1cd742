// Content negotiation with a scraper: the format by its Accept header, gzip by Accept-Encoding (RFC
// 9110 §12.5).
import { ESCAPINGS, type Escaping, type Format, formatOf, type TypeName } from './format.js';

/** Longer headers are cut off here. */
const MAX_LENGTH = 2_000;
const OPENMETRICS_VERSIONS = new Set([undefined, '1.0.0', '0.0.1']);
/** From the most to the least that a format can say; of equal qualities the first is taken. */
const PREFERENCE: readonly TypeName[] = ['protobuf', 'openmetrics', 'text 1.0.0', 'text'];

interface Range {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

interface Candidate {
  readonly type: TypeName;
  readonly escaping: Escaping | undefined;
  readonly quality: number;
}

/** The accepted format of the highest quality; text also when none is accepted. */
export function chooseFormat(accept: string | undefined): Format {
  const all = ranges(accept);
  const common = all.map(escapingOf).find((escaping) => escaping !== undefined);
  let best: Candidate | undefined;
  for (const range of all) {
    const candidate = candidateOf(range, common);
    if (candidate !== undefined && candidate.quality > 0 && isBetter(candidate, best)) best = candidate;
  }
  return best === undefined ? formatOf('text') : formatOf(best.type, best.escaping);
}

function isBetter(one: Candidate, other: Candidate | undefined): boolean {
  if (other === undefined || one.quality !== other.quality) return one.quality > (other?.quality ?? 0);
  return PREFERENCE.indexOf(one.type) < PREFERENCE.indexOf(other.type);
}

/** @param common what another range asks for: Prometheus 3 says it of the texts only, and means protobuf too */
function candidateOf(range: Range, common: Escaping | undefined): Candidate | undefined {
  const { name, parameters, quality } = range;
  const type = typeOf(name, parameters);
  const asked = escapingOf(range) ?? (type === 'protobuf' ? common : undefined);
  // The text format before 1.0.0 cannot quote a name.
  const escaping = type === 'text' && asked === 'allow-utf-8' ? 'underscores' : asked;
  return type === undefined ? undefined : { type, escaping, quality };
}

function escapingOf({ parameters }: Range): Escaping | undefined {
  return ESCAPINGS.find((each) => each === parameters.get('escaping'));
}

function typeOf(name: string, parameters: ReadonlyMap<string, string>): TypeName | undefined {
  switch (name) {
    case 'application/vnd.google.protobuf': {
      const isOurs = parameters.get('proto') === 'io.prometheus.client.metricfamily' && parameters.get('encoding') === 'delimited';
      return isOurs ? 'protobuf' : undefined;
    }
    case 'application/openmetrics-text':
      return OPENMETRICS_VERSIONS.has(parameters.get('version')) ? 'openmetrics' : undefined;
    case 'text/plain':
      return parameters.get('version') === '1.0.0' ? 'text 1.0.0' : 'text';
    default:
      return undefined;
  }
}

/** Whether gzip is accepted by name, or by `*` and not refused by name. */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const all = ranges(acceptEncoding);
  const range = all.find(({ name }) => name === 'gzip' || name === 'x-gzip') ?? all.find(({ name }) => name === '*');
  return range !== undefined && range.quality > 0;
}

function ranges(header: string | undefined): Range[] {
  if (header === undefined) return [];
  return header.slice(0, MAX_LENGTH).split(',').map(parseRange);
}

function parseRange(text: string): Range {
  const [name = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(rest.map((part) => splitOnce(part)));
  const quality = Number(parameters.get('q') ?? '1');
  return { name, parameters, quality: Number.isFinite(quality) ? quality : 0 };
}

function splitOnce(part: string): [string, string] {
  const at = part.indexOf('=');
  return at === -1
    ? [part, '']
    : [
        part.slice(0, at).trim(),
        part
          .slice(at + 1)
          .trim()
          .replace(/^"|"$/g, ''),
      ];
}
