// The series of a metric as lines over time, as the chart takes them.
import type { ApiPoint, ApiSeries, MetricSummary } from '../../api.js';
import { millisecondsOf } from '../parts/text.js';

/** Lines in one chart: more cannot be told apart. */
export const MAX_LINES = 20;

export interface LineData {
  /** Seconds since 1970. */
  readonly times: number[];
  readonly lines: readonly Line[];
  /** Series beyond the bound. */
  readonly left: number;
}

export interface Line {
  readonly label: string;
  readonly values: (number | null)[];
}

export function linesOf(series: readonly ApiSeries[], metric: MetricSummary): LineData {
  const shown = series.slice(0, MAX_LINES);
  const moments = new Set<number>();
  for (const { points } of shown) for (const { t } of points) moments.add(millisecondsOf(t));
  const times = [...moments].sort((one, other) => one - other);
  const indexes = new Map(times.map((time, index) => [time, index]));
  const several = {
    services: new Set(shown.map(({ service }) => service)).size > 1,
    instances: new Set(shown.map(({ instance }) => instance)).size > 1,
  };
  const lines = shown.map((each) => {
    const values = new Array<number | null>(times.length).fill(null);
    for (const point of each.points) values[indexes.get(millisecondsOf(point.t)) ?? 0] = pointValue(point, metric);
    return { label: labelOf(each, several), values };
  });
  return { times: times.map((time) => time / 1000), lines, left: series.length - shown.length };
}

/** A counter is shown as its rate per second, a summary by its highest quantile. */
function pointValue(point: ApiPoint, { monotonic }: MetricSummary): number | null {
  if (point.quantiles !== undefined) return point.quantiles.at(-1)?.value ?? null;
  const value = point.value ?? null;
  if (value === null || !monotonic || point.seconds === undefined) return value;
  return point.seconds > 0 ? value / point.seconds : null;
}

function labelOf(
  { attributes, service, instance }: ApiSeries,
  several: { readonly services: boolean; readonly instances: boolean },
): string {
  const parts = Object.entries(attributes).map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  if (several.services) parts.unshift(service);
  if (several.instances && instance !== '') parts.push(instance);
  return parts.join(' ') || service || 'value';
}

/** `ms`, `By/s`: of a counter per second. */
export function unitOf({ unit, monotonic, type }: MetricSummary): string {
  const plain = unit === '1' ? '' : unit.replace(/^\{(.*)\}$/, '$1');
  return monotonic && type === 'sum' ? `${plain}/s` : plain;
}
