// The scale as an SVG: a panel for each axis, a line for each candidate, what is added to bare against where it is on the axis.

import { against } from './figures.ts';
import type { Comparison, Figures } from './record.ts';
import { summarize } from './statistics.ts';

const PANEL = { width: 230, height: 190, left: 46, top: 34, bottom: 40, right: 14 };
const COLORS: Readonly<Record<string, string>> = { sietch: '#0b6e4f', upstream: '#c1440e', 'dd-trace': '#632ca6' };
const TITLES: Readonly<Record<string, string>> = {
  load: 'requests a second',
  lanes: 'connections at once',
  distinct: 'routes, statements and keys',
  processes: 'processes of a cluster',
};

interface Point {
  readonly at: number;
  readonly value: number;
}

export function plotScale({ candidates, figures }: Comparison): string {
  const axes = [...new Set(figures.flatMap(({ axis }) => axis?.name ?? []))];
  const names = candidates.filter((name) => name !== 'bare');
  const panels = axes.map((axis, index) => {
    const own = figures.filter((row) => row.axis?.name === axis);
    return `<g transform="translate(${index * PANEL.width} 0)">${panel(TITLES[axis] ?? axis, own, names)}</g>`;
  });
  const width = PANEL.width * axes.length;
  const legend = names.map((name, index) =>
    text(PANEL.left + index * 90, PANEL.height + 16, name, { fill: colorOf(name), weight: 'bold' }),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.height + 26}" width="${width}" font-family="sans-serif" font-size="11">`,
    '<title>What is added to bare, against load, lanes, distinct names and processes</title>',
    `<rect width="${width}" height="${PANEL.height + 26}" fill="#fff"/>`,
    ...panels,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
}

function panel(title: string, figures: readonly Figures[], names: readonly string[]): string {
  const lines = new Map(names.map((name) => [name, pointsOf(figures, name)]));
  const places = figures.map(({ axis }) => axis?.at ?? 1);
  const most = Math.max(...[...lines.values()].flat().map(({ value }) => value), 1);
  const [low, high] = [Math.log(Math.min(...places)), Math.log(Math.max(...places))];
  const x = (at: number) => PANEL.left + ((Math.log(at) - low) / Math.max(high - low, 1)) * (PANEL.width - PANEL.left - PANEL.right);
  const y = (value: number) => PANEL.height - PANEL.bottom - (value / most) * (PANEL.height - PANEL.top - PANEL.bottom);
  return [
    text(PANEL.left, 16, 'added, CPU µs', { weight: 'bold' }),
    ...[0, most / 2, most].flatMap((value) => [
      `<path d="M${PANEL.left} ${round(y(value))}H${PANEL.width - PANEL.right}" stroke="#ddd"/>`,
      text(PANEL.left - 4, y(value) + 4, value < 10 ? value.toFixed(1) : value.toFixed(0), { anchor: 'end' }),
    ]),
    ...places.map((at) => text(x(at), PANEL.height - PANEL.bottom + 14, String(at), { anchor: 'middle' })),
    text(PANEL.left, PANEL.height - 12, title, {}),
    ...[...lines].map(([name, points]) => lineOf(points, colorOf(name), x, y)),
  ].join('');
}

function lineOf(points: readonly Point[], color: string, x: (at: number) => number, y: (value: number) => number): string {
  const placed = points.map(({ at, value }) => ({ x: round(x(at)), y: round(y(value)) }));
  const dots = placed.map((each) => `<circle cx="${each.x}" cy="${each.y}" r="3" fill="${color}"/>`).join('');
  return `<polyline points="${placed.map((each) => `${each.x},${each.y}`).join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>${dots}`;
}

function pointsOf(figures: readonly Figures[], name: string): Point[] {
  return figures.flatMap((row) => {
    const { median } = summarize(against(row, name));
    return row.axis === undefined || Number.isNaN(median) ? [] : [{ at: row.axis.at, value: Math.max(median, 0) }];
  });
}

function text(x: number, y: number, content: string, { fill = '#333', weight = 'normal', anchor = 'start' }): string {
  return `<text x="${round(x)}" y="${round(y)}" fill="${fill}" font-weight="${weight}" text-anchor="${anchor}">${content}</text>`;
}

function colorOf(name: string): string {
  return COLORS[name] ?? '#555';
}

const round = (value: number): number => Math.round(value * 10) / 10;
