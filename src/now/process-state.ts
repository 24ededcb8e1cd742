// The state of this process as `sietch-otel now` shows it: what the integrations tell, and what the
// SDK and Node.js know.
import { getHeapStatistics } from 'node:v8';
import { textOf } from '../context/api-misuse.js';
import { writtenLines } from '../diagnose/diagnostics.js';
import type { AnyQueue } from '../export/export-queue.js';
import { type LiveCounts, type LiveSections, type PoolClient, readLiveSections } from '../observe/live-state.js';
import { describeUnobserved, unobservedLibraries } from '../sdk/hooks/unobserved-libraries.js';
import { programPath } from '../sdk/resource/pm2.js';
import { DISTRO_VERSION } from '../sdk/version.js';
import { type Call, type Handler, type ProcessFacts, RefusedQuestion } from './call.js';
import { type EventLoopState, readEventLoop } from './loop-watch.js';
import type { Question } from './protocol.js';

/** Entries of each section, where the question names no number, and at most. */
const DEFAULT_MOST = 50;
const MAX_MOST = 1_000;
const MAX_DIAGNOSTICS = 20;

/** Times are seconds, sizes bytes. Lists hold the oldest entries; `counts` has the number of all. */
export interface ProcessState extends LiveSections {
  readonly counts: LiveCounts;
  readonly pid: number;
  readonly service: { readonly name: string; readonly version?: string | undefined; readonly instance?: string | undefined };
  /** Path of the program. */
  readonly program?: string | undefined;
  readonly uptime: number;
  /** Version of Node.js. */
  readonly node: string;
  /** Version of this package. */
  readonly distribution: string;
  readonly eventLoop: EventLoopState;
  readonly memory: MemoryState;
  readonly exports: readonly ExportState[];
  /** Where the flight recorder is on. */
  readonly recorder?: RecorderState | undefined;
  /** Loaded libraries that nothing observes, each with what to do. */
  readonly unobserved: readonly string[];
  /** The last lines that the distribution has written on stderr. */
  readonly diagnostics: readonly string[];
}

export interface MemoryState {
  readonly rss: number;
  readonly heapUsed: number;
  readonly heapLimit: number;
}

/** An export queue. */
export interface ExportState {
  /** `spans`, `logs` or `metric exports`. */
  readonly what: string;
  readonly target: string;
  /** From 0 to 1. */
  readonly fill: number;
  readonly made: number;
  readonly sent: number;
  readonly failures: number;
  /** By cause. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** The flight recorder. */
export interface RecorderState {
  /** Traces that wait, and their estimated size. */
  readonly waiting: number;
  readonly bytes: number;
  readonly recorded: number;
  /** Traces that were sent, by reason. */
  readonly kept: Readonly<Record<string, number>>;
  /** Traces that left it unsent, by outcome. */
  readonly lost: Readonly<Record<string, number>>;
  /** Traces that had a reason and were not sent, by cause. */
  readonly refused: Readonly<Record<string, number>>;
}

/** @throws {RefusedQuestion} for a wrong `most`. */
export const answerState: Handler = async (question: Question, { facts }: Call): Promise<ProcessState> => {
  const most = readMost(question['most']);
  const eventLoop = await readEventLoop();
  const { rss, heapUsed } = process.memoryUsage();
  const live = readLiveSections(most);
  return {
    pid: process.pid,
    service: serviceOf(facts),
    program: programPath(),
    uptime: process.uptime(),
    node: process.version,
    distribution: DISTRO_VERSION,
    ...live,
    pools: live.pools.map((pool) => ({ ...pool, clients: heldLongest(pool.clients, most) })),
    eventLoop,
    memory: { rss, heapUsed, heapLimit: getHeapStatistics().heap_size_limit },
    exports: facts.queues.map(exportState),
    recorder: facts.recorder && recorderState(facts.recorder),
    unobserved: describeLibraries(),
    diagnostics: [...writtenLines().keys()].slice(-MAX_DIAGNOSTICS),
  };
};

function heldLongest(clients: readonly PoolClient[], most: number): PoolClient[] {
  return [...clients].sort((one, other) => other.heldFor - one.heldFor).slice(0, most);
}

function readMost(value: unknown): number {
  if (value === undefined) return DEFAULT_MOST;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_MOST) return value;
  throw new RefusedQuestion(`expected "most" to be a whole number from 0 to ${MAX_MOST}`);
}

function serviceOf({ service, attributes }: ProcessFacts): ProcessState['service'] {
  return { ...service, instance: textOf(attributes['service.instance.id']) || undefined };
}

let libraries: { readonly modules: number; readonly described: readonly string[] } | undefined;

/** Looked for again when the app has loaded more: with thousands of modules it takes milliseconds. */
function describeLibraries(): readonly string[] {
  const modules = Object.keys(require.cache).length;
  if (libraries?.modules !== modules) libraries = { modules, described: unobservedLibraries().map(describeUnobserved) };
  return libraries.described;
}

function recorderState({ counts, ring }: NonNullable<ProcessFacts['recorder']>): RecorderState {
  const refused: Record<string, number> = {};
  for (const causes of counts.refusals.values()) {
    for (const [cause, count] of causes) refused[cause] = (refused[cause] ?? 0) + count;
  }
  const { size: waiting, bytes } = ring;
  return { waiting, bytes, recorded: counts.recorded, kept: Object.fromEntries(counts.byReason), lost: { ...ring.losses }, refused };
}

function exportState({ what, target, fill, made, sent, failures, drops }: AnyQueue): ExportState {
  return { what, target, fill, made, sent, failures, dropped: Object.fromEntries(drops.counts) };
}
