// The format of an answer: its syntax, and how names are escaped that only UTF-8 can hold.
// https://prometheus.io/docs/instrumenting/content_negotiation/,
// https://prometheus.io/docs/instrumenting/escaping_schemes/

/** `text` is the Prometheus text format, which has no exemplars. */
export type Syntax = 'openmetrics' | 'text' | 'protobuf';

export const ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;
export type Escaping = (typeof ESCAPINGS)[number];

export interface Format {
  readonly syntax: Syntax;
  readonly escaping: Escaping;
  readonly contentType: string;
}

const TYPES = {
  openmetrics: { syntax: 'openmetrics', type: 'application/openmetrics-text; version=1.0.0; charset=utf-8' },
  text: { syntax: 'text', type: 'text/plain; version=0.0.4; charset=utf-8' },
  'text 1.0.0': { syntax: 'text', type: 'text/plain; version=1.0.0; charset=utf-8' },
  protobuf: {
    syntax: 'protobuf',
    type: 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  },
} as const satisfies Record<string, { syntax: Syntax; type: string }>;

export type TypeName = keyof typeof TYPES;

/** One object for each content type. */
const formats = new Map<string, Format>();

/** @param escaping as the scraper asked for it: without, names are escaped by underscores */
export function formatOf(name: TypeName, escaping?: Escaping): Format {
  const { syntax, type } = TYPES[name];
  const contentType = escaping === undefined ? type : `${type}; escaping=${escaping}`;
  let format = formats.get(contentType);
  if (format === undefined) {
    format = { syntax, escaping: escaping ?? 'underscores', contentType };
    formats.set(contentType, format);
  }
  return format;
}

/** The format of a content type that another process has sent; text for one that is not ours. */
export function formatOfType(contentType: unknown): Format {
  for (const name of ['openmetrics', 'text', 'text 1.0.0', 'protobuf'] as const) {
    for (const escaping of [undefined, ...ESCAPINGS]) {
      const format = formatOf(name, escaping);
      if (format.contentType === contentType) return format;
    }
  }
  return formatOf('text');
}
