// A histogram over time as a heat map, with dots for exemplars that open their trace.
import { useEffect, useRef } from 'preact/hooks';
import { durationText, numberText } from '../parts/text.js';
import { isDark } from '../parts/theme.js';
import { exemplarPlace, type HeatData } from './heat-data.js';
import { shortNumber } from './line-chart.js';

export interface HeatMapProps {
  readonly data: HeatData;
  readonly height: number;
  readonly label: string;
  readonly unit: string;
}

export function HeatMap({ data, height, label, unit }: HeatMapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const dark = isDark.value;
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => draw(element, data, dark));
    observer.observe(element);
    return () => observer.disconnect();
  }, [data, dark]);
  const marks = [0, Math.floor((data.bounds.length - 1) / 2), data.bounds.length - 1];
  return (
    <div class="heat" style={{ height: `${height}px` }}>
      <div class="heat-axis" aria-hidden="true">
        {[...new Set(marks)].map((row) => (
          <span key={row} style={{ bottom: `${((row + 0.5) / data.bounds.length) * 100}%` }}>
            {boundText(data, row, unit)}
          </span>
        ))}
      </div>
      <div class="heat-map">
        <canvas ref={canvas} role="img" aria-label={describe(data, label, unit)} />
        {data.exemplars.map((exemplar) => {
          const place = exemplarPlace(exemplar, data);
          if (place === undefined) return null;
          const text = `${valueText(exemplar.value, unit)}, trace ${exemplar.traceId.slice(0, 8)}`;
          return (
            <a
              key={`${exemplar.spanId} ${exemplar.t}`}
              class={exemplar.known ? 'exemplar' : 'exemplar gone'}
              style={{ left: `${place.left * 100}%`, top: `${place.top * 100}%` }}
              href={`/traces/${exemplar.traceId}?span=${exemplar.spanId}`}
              title={exemplar.known ? text : `${text}: not kept here`}
            >
              <span class="hidden">{`Exemplar ${text}`}</span>
            </a>
          );
        })}
      </div>
      <div class="heat-times" aria-hidden="true">
        <span>{clockText(data.from)}</span>
        <span>{clockText(data.to)}</span>
      </div>
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, { cells, columns, most }: HeatData, dark: boolean): void {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = canvas.clientHeight * ratio;
  const context = canvas.getContext('2d');
  if (context === null) return;
  const width = canvas.width / columns;
  const height = canvas.height / cells.length;
  cells.forEach((row, index) => {
    row.forEach((count, column) => {
      if (count === 0) return;
      // By the logarithm: one slow request among thousands must be seen.
      const share = most <= 1 ? 1 : 0.18 + 0.82 * (Math.log(count) / Math.log(most));
      context.fillStyle = dark ? `hsl(218 75% ${20 + 50 * share}%)` : `hsl(218 70% ${92 - 48 * share}%)`;
      context.fillRect(
        Math.floor(column * width),
        Math.floor(canvas.height - (index + 1) * height),
        Math.ceil(width),
        Math.ceil(height) - 1,
      );
    });
  });
}

function boundText({ bounds }: HeatData, row: number, unit: string): string {
  const bound = bounds[row] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(bound) ? `≤ ${valueText(bound, unit)}` : `> ${valueText(bounds[row - 1] ?? 0, unit)}`;
}

function valueText(value: number, unit: string): string {
  return unit === 's' ? durationText(value * 1e9) : unit === 'ms' ? durationText(value * 1e6) : `${shortNumber(value)} ${unit}`.trim();
}

function clockText(milliseconds: number): string {
  return new Date(milliseconds).toLocaleTimeString('en-GB');
}

function describe({ cells, exemplars }: HeatData, label: string, unit: string): string {
  const total = cells.reduce((sum, row) => row.reduce((all, count) => all + count, sum), 0);
  return `${label} in ${unit || 'no unit'}: heat map of ${numberText(total)} measurements, ${exemplars.length} exemplars`;
}
