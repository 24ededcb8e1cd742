// What a CPU profile says: the functions that took the most time themselves, and the share of each
// route and queue.
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasShape, type Shape } from '../../now/shape.js';
import type { Paper } from '../../view/paper.js';
import { drawTable } from '../now/table.js';
import { percent } from '../now/units.js';

/** A CPU profile in V8's format, which is that of `.cpuprofile` files. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Microseconds of a clock of its own. */
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  /** Microseconds from the sample before. */
  readonly timeDeltas: readonly number[];
}

const CPU_PROFILE: Shape = {
  nodes: [{ id: 'number', callFrame: { functionName: 'string', url: 'string', lineNumber: 'number' } }],
  startTime: 'number',
  endTime: 'number',
  samples: ['number'],
  timeDeltas: ['number'],
};

export function isCpuProfile(value: unknown): value is CpuProfile {
  return hasShape(value, CPU_PROFILE);
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

export interface Share {
  readonly name: string;
  /** Share of the time in which the process was busy; from 0 to 1. */
  readonly share: number;
}

export interface HotFunction extends Share {
  /** Empty for what is no JavaScript. */
  readonly place: string;
}

export interface ProfileSummary {
  readonly seconds: number;
  /** Share of the time in which the main thread was not idle; from 0 to 1. */
  readonly busy: number;
  readonly functions: readonly HotFunction[];
  readonly routes: readonly Share[];
}

const IDLE = '(idle)';
const MOST = 10;
const MOST_ROUTES = 20;
const NEITHER = 'no route or queue';

/** Milliseconds that were spent for a route or queue. */
export interface RouteMilliseconds {
  readonly name: string;
  readonly milliseconds: number;
}

/** @param folder files below it are named from there */
export function summarizeProfile(profile: CpuProfile, routes: readonly RouteMilliseconds[], folder: string): ProfileSummary {
  const self = selfTimes(profile);
  const total = [...self.values()].reduce((sum, { time }) => sum + time, 0);
  const busy = [...self.values()].reduce((sum, { name, time }) => (name === IDLE ? sum : sum + time), 0);
  const share = (time: number, of: number) => (of === 0 ? 0 : time / of);
  const functions = [...self.values()]
    .filter(({ name, time }) => name !== IDLE && time > 0)
    .sort((a, b) => b.time - a.time)
    .slice(0, MOST)
    .map(({ name, url, line, time }) => ({ name, place: placeOf(url, line, folder), share: share(time, busy) }));
  return {
    seconds: (profile.endTime - profile.startTime) / 1e6,
    busy: share(busy, total),
    functions,
    routes: routeShares(routes, busy / 1_000).slice(0, MOST_ROUTES),
  };
}

interface SelfTime {
  readonly name: string;
  readonly url: string;
  readonly line: number;
  /** Microseconds. */
  time: number;
}

/** By function: the same one is at several places of the tree. */
function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): Map<string, SelfTime> {
  const byFunction = new Map<string, SelfTime>();
  const byNode = new Map<number, SelfTime>();
  for (const { id, callFrame } of nodes) {
    const { functionName, url, lineNumber } = callFrame;
    const key = `${functionName}\0${url}\0${lineNumber}`;
    const entry = byFunction.get(key) ?? { name: functionName || '(anonymous)', url, line: lineNumber + 1, time: 0 };
    byFunction.set(key, entry);
    byNode.set(id, entry);
  }
  // What is sampled lasts until the next sample.
  samples.forEach((node, index) => {
    const entry = byNode.get(node);
    if (entry !== undefined) entry.time += Math.max(0, timeDeltas[index + 1] ?? 0);
  });
  return byFunction;
}

/** The clock of the routes and the sampler do not agree to the millisecond: nothing is below 0. */
function routeShares(routes: readonly RouteMilliseconds[], busyMs: number): Share[] {
  const owned = routes.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const whole = Math.max(busyMs, owned);
  if (whole === 0) return [];
  const sorted = [...routes]
    .sort((a, b) => b.milliseconds - a.milliseconds)
    .map(({ name, milliseconds }) => ({ name, share: milliseconds / whole }));
  return [...sorted, { name: NEITHER, share: (whole - owned) / whole }];
}

function placeOf(url: string, line: number, folder: string): string {
  // What was imported from a URL that holds the code itself, which has been taken out.
  if (url === '' || url === 'data:') return url;
  const path = url.startsWith('file://') ? pathOf(url) : url;
  const below = isAbsolute(path) ? relative(folder, path) : path;
  return `${below.startsWith('..') ? path : below}:${line}`;
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** As lines for a terminal. */
export function printSummary({ seconds, busy, functions, routes }: ProfileSummary, paper: Paper): string {
  const lines = [
    `busy for ${percent(busy)} of ${seconds.toFixed(1)} s; the shares are of that`,
    '',
    ...drawTable(
      [
        { title: 'SELF', align: 'right' },
        { title: 'FUNCTION', least: 20 },
        { title: 'FILE', least: 20 },
      ],
      functions.map(({ name, place, share }) => [percent(share), name, place]),
      paper,
    ),
    '',
    ...drawTable(
      [
        { title: 'TIME', align: 'right' },
        { title: 'ROUTE OR QUEUE', least: 20 },
      ],
      routes.map(({ name, share }) => [percent(share), name]),
      paper,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
