// A chart of lines over time.
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import { numberText } from '../parts/text.js';
import { isDark } from '../parts/theme.js';
import type { LineData } from './line-data.js';

export interface LineChartProps {
  readonly data: LineData;
  readonly height: number;
  readonly label: string;
  readonly unit: string;
}

export function LineChart({ data, height, label, unit }: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(null);
  const aligned: UPlot.AlignedData = [data.times, ...data.lines.map(({ values }) => values)];
  const dark = isDark.value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const made = new UPlot(optionsOf(element.clientWidth, height, data.lines.length, dark), aligned, element);
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [data.lines.length, dark, height]);
  useEffect(() => {
    chart.current?.setData(aligned);
  }, [data]);
  return <div class="chart" ref={box} role="img" aria-label={describe(data, label, unit)} style={{ height: `${height}px` }} />;
}

export function lineColor(index: number, dark: boolean): string {
  // The first line has the page's accent; the golden angle spreads the others.
  return `hsl(${(218 + index * 137.508) % 360} 62% ${dark ? 66 : 46}%)`;
}

function optionsOf(width: number, height: number, lines: number, dark: boolean): UPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const dim = style.getPropertyValue('--dim');
  const line = style.getPropertyValue('--line');
  const axis: UPlot.Axis = { stroke: dim, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { show: false },
    // The last time stands half beyond the last value.
    padding: [6, 28, 0, 0],
    axes: [
      { ...axis, size: 20, space: 90, values: (_chart, splits) => splits.map(clockText) },
      { ...axis, size: 48, space: 28, values: (_chart, splits) => splits.map(shortNumber) },
    ],
    series: [
      {},
      ...Array.from(
        { length: lines },
        (_, index): UPlot.Series => ({ stroke: lineColor(index, dark), width: 1.25, spanGaps: true, points: { show: false } }),
      ),
    ],
  };
}

function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB');
}

/** `1.2k`, `3M`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${numberText(value / 1e9)}G`;
  if (size >= 1e6) return `${numberText(value / 1e6)}M`;
  if (size >= 1e4) return `${numberText(value / 1e3)}k`;
  return numberText(value);
}

function describe({ lines, times }: LineData, label: string, unit: string): string {
  const last = lines
    .map(({ values }) => values.findLast((value) => value !== null))
    .filter((value) => value !== undefined && value !== null);
  const range = last.length === 0 ? 'no values' : `last ${last.slice(0, 5).map(numberText).join(', ')} ${unit}`;
  return `${label}, ${lines.length} series, ${times.length} moments, ${range}`;
}
