// Content negotiation with a scraper: the format by its Accept header, gzip by Accept-Encoding (RFC
// 9110 §12.5).
import type { Format } from './exposition.js';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  text: 'text/plain; version=0.0.4; charset=utf-8',
};

/** Longer headers are cut off here. */
const MAX_LENGTH = 2_000;
const OPENMETRICS_VERSIONS = new Set([undefined, '1.0.0', '0.0.1']);

interface Range {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/**
 * OpenMetrics when it is named with a quality of at least that of text; text otherwise, also when
 * neither is accepted.
 */
export function chooseFormat(accept: string | undefined): Format {
  let openmetrics = 0;
  let text = 0;
  for (const { name, parameters, quality } of ranges(accept)) {
    if (name === 'application/openmetrics-text' && OPENMETRICS_VERSIONS.has(parameters.get('version'))) {
      openmetrics = Math.max(openmetrics, quality);
    } else if (name === 'text/plain') text = Math.max(text, quality);
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
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
