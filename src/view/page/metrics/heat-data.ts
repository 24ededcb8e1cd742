// The histograms of a metric as a heat map: columns of time, rows of buckets, and how many fell into each.
import type { ApiExemplar, ApiSeries } from '../../api.js';
import { millisecondsOf } from '../parts/text.js';

export interface HeatData {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly columns: number;
  /** Upper bounds of the rows, the lowest first; the last is infinite. */
  readonly bounds: readonly number[];
  /** `cells[row][column]`. */
  readonly cells: readonly (readonly number[])[];
  readonly most: number;
  readonly exemplars: readonly ApiExemplar[];
}

const MAX_COLUMNS = 90;
const MAX_ROWS = 60;
const MAX_EXEMPLARS = 150;

export function heatOf(series: readonly ApiSeries[]): HeatData | undefined {
  const points = series.flatMap((each) => each.points.filter(({ histogram }) => histogram !== undefined));
  if (points.length === 0) return undefined;
  const times = points.map(({ t }) => millisecondsOf(t));
  const from = times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY);
  const to = times.reduce((latest, time) => Math.max(latest, time), from + 1);
  const columns = Math.max(1, Math.min(MAX_COLUMNS, new Set(times).size));
  const bounds = usedBounds(points);
  const rows = new Map(bounds.map((bound, index) => [bound, index]));
  const cells = bounds.map(() => new Array<number>(columns).fill(0));
  points.forEach(({ histogram }, index) => {
    const column = Math.min(columns - 1, Math.floor((((times[index] ?? from) - from) / (to - from + 1)) * columns));
    histogram?.counts.forEach((count, bucket) => {
      const row = cells[rows.get(histogram.bounds[bucket] ?? Number.POSITIVE_INFINITY) ?? -1];
      if (row !== undefined) row[column] = (row[column] ?? 0) + count;
    });
  });
  const most = cells.reduce((top, row) => row.reduce((highest, count) => Math.max(highest, count), top), 0);
  return { from, to, columns, bounds, cells, most, exemplars: series.flatMap(({ exemplars }) => exemplars).slice(-MAX_EXEMPLARS) };
}

/** Bounds from the lowest bucket with something in it to the highest, and one on each side. */
function usedBounds(points: readonly ApiSeries['points'][number][]): number[] {
  const all = new Set<number>([Number.POSITIVE_INFINITY]);
  const used = new Set<number>();
  for (const { histogram } of points) {
    histogram?.counts.forEach((count, bucket) => {
      const bound = histogram.bounds[bucket] ?? Number.POSITIVE_INFINITY;
      all.add(bound);
      if (count > 0) used.add(bound);
    });
  }
  const sorted = [...all].sort((one, other) => one - other);
  const first = Math.max(0, sorted.findIndex((bound) => used.has(bound)) - 1);
  const last = sorted.findLastIndex((bound) => used.has(bound));
  return sorted.slice(first, Math.min(sorted.length, last + 2, first + MAX_ROWS));
}

/** Where an exemplar stands, from 0 to 1, from the left and from the top; undefined when it is outside. */
export function exemplarPlace(
  { t, value }: ApiExemplar,
  { from, to, bounds }: HeatData,
): { readonly left: number; readonly top: number } | undefined {
  const left = (millisecondsOf(t) - from) / Math.max(1, to - from);
  const row = bounds.findIndex((bound) => value <= bound);
  if (row === -1 || left < 0 || left > 1) return undefined;
  return { left, top: 1 - (row + 0.5) / bounds.length };
}
