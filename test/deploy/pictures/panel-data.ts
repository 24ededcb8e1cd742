// The data of one panel: the answers of Prometheus to its queries, with Grafana's variables filled in.
import type { PanelTarget } from './dashboard-json.ts';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly legend: string;
  /** Seconds since 1970, and the value; what is NaN is left out. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface Range {
  readonly url: string;
  readonly from: number;
  readonly to: number;
}

const POINTS = 200;
const SCRAPE_S = 5;

export async function panelData(targets: readonly PanelTarget[], range: Range): Promise<readonly Series[]> {
  const all = await Promise.all(targets.map((target) => ask(target, range)));
  return all.flat();
}

/** When exemplars were taken, and their values. */
export async function exemplars({ expr }: PanelTarget, range: Range): Promise<readonly (readonly [at: number, value: number])[]> {
  const data: unknown = await get(range, 'query_exemplars', {
    query: filled(expr, range),
    start: String(range.from),
    end: String(range.to),
  });
  if (!Array.isArray(data)) return [];
  return data.flatMap(({ exemplars: found }) => found.map(({ timestamp, value }: Exemplar) => [timestamp, Number(value)] as const));
}

interface Exemplar {
  timestamp: number;
  value: string;
}

async function ask({ expr, legendFormat = '', instant = false }: PanelTarget, range: Range): Promise<Series[]> {
  const query = filled(expr, range);
  const step = Math.max(1, Math.round((range.to - range.from) / POINTS));
  const data = instant
    ? await get(range, 'query', { query, time: String(range.to) })
    : await get(range, 'query_range', { query, start: String(range.from), end: String(range.to), step: String(step) });
  if (!isResult(data)) return [];
  return data.result.map(({ metric, values, value }) => ({
    labels: metric,
    legend: legendFormat.replace(/\{\{(\w+)\}\}/g, (_all, label: string) => metric[label] ?? ''),
    points: (values ?? (value === undefined ? [] : [value]))
      .map(([at, text]) => [at, Number(text)] as const)
      .filter(([, each]) => !Number.isNaN(each)),
  }));
}

interface Result {
  result: { metric: Record<string, string>; values?: [number, string][]; value?: [number, string] }[];
}

function isResult(data: unknown): data is Result {
  return typeof data === 'object' && data !== null && 'result' in data;
}

async function get({ url }: Range, path: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const answer: { status: string; data: unknown; error?: string } = JSON.parse(
    await (await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)).text(),
  );
  if (answer.status !== 'success') throw new Error(`${answer.error}: ${JSON.stringify(parameters)}`);
  return answer.data;
}

function filled(expr: string, { from, to }: Range): string {
  return expr
    .replaceAll('$__rate_interval', `${SCRAPE_S * 4}s`)
    .replaceAll('$__range', `${Math.round(to - from)}s`)
    .replaceAll('$job', '.*');
}
