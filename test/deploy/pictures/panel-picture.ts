// Draws one panel as SVG, near enough to Grafana for a person to judge what it tells.
import type { PanelJson } from './dashboard-json.ts';
import type { Series } from './panel-data.ts';
import { formatValue, ticks } from './units.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Drawing {
  readonly panel: PanelJson;
  readonly series: readonly Series[];
  readonly exemplars: readonly (readonly [at: number, value: number])[];
  readonly from: number;
  readonly to: number;
}

const PALETTE = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#705da0', '#37872d', '#fade2a'];
const COLORS: Readonly<Record<string, string>> = {
  green: '#73bf69',
  text: '#ccccdc',
  red: '#f2495c',
  orange: '#ff9830',
  yellow: '#fade2a',
  transparent: '#ccccdc',
};
const LEGEND_HEIGHT = 20;
const MAX_LEGEND_LINES = 2;

export function drawPanel(drawing: Drawing, { x, y, width, height }: Box): string {
  const { title, type, fieldConfig } = drawing.panel;
  const body = { x: 12, y: 34, width: width - 24, height: height - 44 };
  const isEmpty = drawing.series.every(({ points }) => points.length === 0);
  const content = isEmpty
    ? text(width / 2, height / 2 + 8, fieldConfig?.defaults.noValue ?? 'No data', { color: '#8e8e99', anchor: 'middle' })
    : (KINDS[type] ?? drawLines)(drawing, body);
  return `<svg x="${x}" y="${y}" width="${width}" height="${height}"><rect width="100%" height="100%" rx="3" fill="#181b1f" stroke="#2c3037"/>${text(12, 22, title, { weight: 600 })}${content}</svg>`;
}

const KINDS: Readonly<Record<string, (drawing: Drawing, box: Box) => string>> = {
  stat: drawNumber,
  table: drawTable,
  'state-timeline': drawStates,
};

function drawLines({ panel, series, exemplars, from, to }: Drawing, box: Box): string {
  const { unit = 'short', thresholds, custom } = panel.fieldConfig?.defaults ?? {};
  const legend = legendLines(series, box.width);
  const area = { x: box.x + 62, y: box.y, width: box.width - 66, height: box.height - 22 - legend.length * LEGEND_HEIGHT };
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const dots = exemplars.filter(([, value]) => value <= Math.max(...values) * 3);
  const marks = ticks(Math.max(...values, custom?.axisSoftMax ?? 0, ...dots.map(([, value]) => value)) || 1);
  const most = marks.at(-1) ?? 1;
  const atX = (at: number) => area.x + ((at - from) / (to - from)) * area.width;
  const atY = (value: number) => area.y + area.height - (value / most) * area.height;
  const grid = marks.map(
    (mark) =>
      `${line(area.x, atY(mark), area.x + area.width, atY(mark), '#2c3037')}${text(area.x - 6, atY(mark) + 4, formatValue(mark, unit), { size: 11, color: '#8e8e99', anchor: 'end' })}`,
  );
  const times = [0, 1, 2, 3, 4].map((part) => {
    const at = from + ((to - from) * part) / 4;
    return text(atX(at), area.y + area.height + 16, new Date(at * 1000).toISOString().slice(11, 19), {
      size: 11,
      color: '#8e8e99',
      anchor: part === 0 ? 'start' : part === 4 ? 'end' : 'middle',
    });
  });
  const curves = series.map(
    ({ points }, index) =>
      `<path d="${points.map(([at, value], point) => `${point === 0 ? 'M' : 'L'}${atX(at).toFixed(1)} ${atY(value).toFixed(1)}`).join('')}" fill="none" stroke="${colorOf(index)}" stroke-width="1.5"/>`,
  );
  const limits = (thresholds?.steps ?? []).flatMap(({ value, color }) =>
    value === null || custom?.thresholdsStyle === undefined
      ? []
      : [line(area.x, atY(value), area.x + area.width, atY(value), COLORS[color] ?? color, '8 6')],
  );
  const diamonds = dots.map(([at, value]) => `<path d="M${atX(at)} ${atY(value) - 4}l4 4l-4 4l-4 -4z" fill="#8ab8ff" fill-opacity=".8"/>`);
  return [...grid, ...times, ...curves, ...limits, ...diamonds, drawLegend(legend, box)].join('');
}

function drawNumber({ panel, series }: Drawing, box: Box): string {
  const { unit = 'short', thresholds, mappings = [] } = panel.fieldConfig?.defaults ?? {};
  return series
    .map(({ legend, points }, index) => {
      const last = points.at(-1)?.[1] ?? 0;
      const word = mappings[0]?.options[String(last)];
      const color = word?.color ?? thresholds?.steps.findLast(({ value }) => value === null || last >= value)?.color ?? 'green';
      const middle = box.x + (box.width * (index + 0.5)) / series.length;
      const name = legend === '' ? '' : text(middle, box.y + box.height - 4, legend, { size: 12, color: '#8e8e99', anchor: 'middle' });
      return `${text(middle, box.y + box.height / 2 + 12, word?.text ?? formatValue(last, unit), { size: 34, weight: 600, color: COLORS[color] ?? color, anchor: 'middle' })}${name}`;
    })
    .join('');
}

function drawTable({ panel, series }: Drawing, box: Box): string {
  const columns = Object.entries(panel.transformations?.[0]?.options.renameByName ?? {});
  const at = (index: number) => box.x + (index * box.width) / columns.length;
  const head = columns.map(([, title], index) => text(at(index), box.y + 16, title, { size: 12, color: '#8ab8ff' }));
  const rows = series.map(({ labels, points }, row) =>
    columns
      .map(([label], index) =>
        text(
          at(index),
          box.y + 40 + row * 22,
          label === 'Value' ? formatValue(points.at(-1)?.[1] ?? 0, 's') : (labels[label] ?? '').trim(),
          {
            size: 13,
          },
        ),
      )
      .join(''),
  );
  return [...head, ...rows].join('');
}

function drawStates({ series, from, to }: Drawing, box: Box): string {
  const height = Math.min(40, (box.height - 24) / series.length - 6);
  const scale = (at: number) => box.x + 110 + ((at - from) / (to - from)) * (box.width - 110);
  return series
    .map(({ legend, points }, index) => {
      const y = box.y + 8 + index * (height + 6);
      const bands = points.map(([at, value], point) => {
        const end = points[point + 1]?.[0] ?? to;
        return `<rect x="${scale(at)}" y="${y}" width="${Math.max(1, scale(end) - scale(at))}" height="${height}" shape-rendering="crispEdges" fill="${value === 0 ? COLORS['green'] : value < 1 ? COLORS['yellow'] : COLORS['red']}"/>`;
      });
      return `${text(box.x, y + height / 2 + 4, legend, { size: 12 })}${bands.join('')}`;
    })
    .join('');
}

/** The names of series with their places, in as many lines as they take; what takes more is counted. */
function legendLines(series: readonly Series[], width: number): readonly (readonly { name: string; color: string; x: number }[])[] {
  const all: { name: string; color: string; x: number }[][] = [[]];
  let x = 0;
  for (const [index, { legend }] of series.entries()) {
    const needed = legend.length * 6.6 + 30;
    if (x + needed > width && x > 0) {
      if (all.length === MAX_LEGEND_LINES) {
        all.at(-1)?.push({ name: `+${series.length - index}`, color: '#8e8e99', x: width - 30 });
        break;
      }
      all.push([]);
      x = 0;
    }
    all.at(-1)?.push({ name: legend, color: colorOf(index), x });
    x += needed;
  }
  return all;
}

function drawLegend(legend: ReturnType<typeof legendLines>, box: Box): string {
  return legend
    .flatMap((entries, index) => {
      const y = box.y + box.height - (legend.length - 1 - index) * LEGEND_HEIGHT;
      return entries.map(
        ({ name, color, x }) =>
          `<rect x="${box.x + x}" y="${y - 6}" width="14" height="4" rx="2" fill="${color}"/>${text(box.x + x + 19, y, name, { size: 12 })}`,
      );
    })
    .join('');
}

function colorOf(index: number): string {
  return PALETTE[index % PALETTE.length] ?? '#fff';
}

function line(x1: number, y1: number, x2: number, y2: number, color: string, dashes = ''): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}" stroke-dasharray="${dashes}"/>`;
}

interface TextStyle {
  readonly size?: number;
  readonly weight?: number;
  readonly color?: string;
  readonly anchor?: string;
}

export function text(
  x: number,
  y: number,
  content: string,
  { size = 14, weight = 400, color = '#ccccdc', anchor = 'start' }: TextStyle = {},
): string {
  const escaped = content.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" fill="${color}" text-anchor="${anchor}">${escaped}</text>`;
}
