// The links of Grafana's data sources, followed as Grafana builds them: which variables a link has, and that it is hidden when one is lacking.
// Seen in Grafana's createSpanLink.tsx, createTraceLink.tsx and getDerivedFields.ts; deploy/README.md says which versions.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../support/checkout.ts';

export interface DataSource {
  name: string;
  uid: string;
  type: string;
  url: string;
  jsonData: {
    exemplarTraceIdDestinations?: { name: string; datasourceUid: string }[];
    tracesToLogsV2?: { datasourceUid: string; customQuery: boolean; query: string };
    tracesToMetrics?: { datasourceUid: string; queries: { name: string; query: string }[] };
    derivedFields?: { matcherType: string; matcherRegex: string; datasourceUid: string; url: string }[];
  };
}

/** A span as Jaeger's HTTP API gives it, and its process. */
export interface JaegerSpan {
  traceID: string;
  spanID: string;
  operationName: string;
  startTime: number;
  duration: number;
  processID: string;
  tags: JaegerTag[];
  warnings: string[] | null;
}

export interface JaegerTag {
  key: string;
  value: unknown;
}

export interface JaegerProcess {
  serviceName: string;
  tags: JaegerTag[];
}

/** As provisioning reads them: `$$` is `$`. */
export function dataSources(): Readonly<Record<string, DataSource>> {
  const text = readFileSync(join(ROOT, 'deploy/grafana/provisioning/datasources/sietch.yaml'), 'utf8').replaceAll('$$', '$');
  const { datasources }: { datasources: DataSource[] } = parse(text);
  return Object.fromEntries(datasources.map((source) => [source.uid, source]));
}

/** The query of a span's link; undefined where Grafana hides the link. */
export function spanQuery(query: string, span: JaegerSpan, process: JaegerProcess): string | undefined {
  const tags = [...process.tags, ...span.tags].map(({ key, value }) => [`__span.tags["${key}"]`, String(value)] as const);
  return filled(
    query,
    new Map([
      ...tags,
      ['__span.name', span.operationName],
      ['__span.spanId', span.spanID],
      ['__span.traceId', span.traceID],
      ['__trace.traceId', span.traceID],
    ]),
  );
}

/** The query of the link of a whole trace, which knows nothing of its spans. */
export function traceQuery(query: string, traceId: string): string | undefined {
  return filled(query, new Map([['__trace.traceId', traceId]]));
}

function filled(query: string, variables: ReadonlyMap<string, string>): string | undefined {
  const lacking = [...query.matchAll(/\$\{([^}]+)\}/g)].some(([, name = '']) => !variables.has(name));
  return lacking ? undefined : query.replace(/\$\{([^}]+)\}/g, (_all, name: string) => variables.get(name) ?? '');
}
