// What is measured: which workload runs, how much of it, what spans must arrive, and which rows of the table come of it.

import type { Candidate } from './candidates.ts';
import type { Measurement } from './workload.ts';

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly value: (measurement: Measurement) => number;
  /** Where it is on a plot of several rows. */
  readonly axis?: { readonly name: 'load' | 'lanes' | 'distinct' | 'processes'; readonly at: number };
  /** How a candidate is set against bare: what it adds (default), or by which factor it differs; `alone`: bare cannot do it at all. */
  readonly against?: 'added' | 'factor' | 'alone';
  /** What is to be reached, by the line of Node.js: a factor at least, anything else at most. */
  readonly goals?: Readonly<Record<string, number>>;
}

export interface Scenario {
  /** For `--only`. */
  readonly name: string;
  /** In scenarios/. */
  readonly file: string;
  /**
   * Requests before the measurement, and in it; the second number is for `--quick`. Neither: the script runs to its end by itself. The warm-up is long enough for
   * the compiler to be done with what is hot: what it does for an app that runs for weeks is no cost of a request.
   */
  readonly warmUp: readonly [number, number];
  readonly requests: readonly [number, number];
  /** Operations that one request asks for. */
  readonly operations: number;
  readonly connections?: number;
  /** Processes of a cluster, each of which gets the same share of connections and requests. */
  readonly processes?: number;
  readonly path?: string | ((index: number) => string);
  /** Send the measured requests at this rate, whenever they are answered; default: each connection its next when it has its answer. */
  readonly perSecond?: number;
  /** For the workload. */
  readonly env?: Readonly<Record<string, string>>;
  /** Spans each operation must have at least; of sietch exactly. The server span of a request comes on top, and the opening of connections. */
  readonly spans: number;
  /** Trace one request in so many, chosen by the trace id it brings. */
  readonly sampledOneIn?: number;
  /** Scrape /metrics this often in the measurement; the second number is for `--quick`. */
  readonly scrapes?: readonly [number, number];
  /** Requests of the short and of the long run whose instructions are compared, long enough for the compiler to be done; of a script without requests `once`. */
  readonly counted?: readonly [number, number] | 'once';
  /** Default: all. */
  readonly candidates?: readonly string[];
  readonly rows: readonly Row[];
}

/** Whether a candidate is measured in it. Those of another runtime have workloads of their own. */
export function takes({ candidates, name }: Scenario, candidate: Candidate): boolean {
  if (candidate.runtime !== undefined && candidate.files?.[name] === undefined) return false;
  return candidates?.includes(candidate.name) ?? true;
}

export const cpuPerOperation = (title: string, goals?: Row['goals']): Row => ({
  title,
  ...(goals === undefined ? {} : { goals }),
  unit: 'CPU µs',
  digits: 1,
  value: ({ cpuMs, operations }) => (cpuMs * 1000) / operations,
});

const requestsPerSecond = (what: string, goals?: Row['goals']): Row => ({
  title: `${what}: requests a second, against bare`,
  ...(goals === undefined ? {} : { goals }),
  unit: 'requests/s',
  digits: 2,
  against: 'factor',
  value: ({ wallMs, operations }) => (operations * 1000) / wallMs,
});

/** Who is in the rows that are not about everyone: a run is to end in half an hour. */
const SOME = ['bare', 'sietch', 'upstream', 'dd-trace'];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'start',
    file: 'empty.js',
    counted: 'once',
    warmUp: [0, 0],
    requests: [0, 0],
    operations: 0,
    spans: 0,
    rows: [
      { title: 'start-up: CPU of an empty script', unit: 'ms', digits: 0, value: ({ cpuMs }) => cpuMs, goals: { 20: 15, 24: 20 } },
      { title: 'start-up: time to the first line of the app', unit: 'ms', digits: 0, value: ({ userCodeMs }) => userCodeMs },
      { title: 'start-up: from start to end of an empty script', unit: 'ms', digits: 0, value: ({ elapsedMs }) => elapsedMs },
      { title: 'memory: peak of an empty script', unit: 'MB', digits: 0, value: ({ peakMb }) => peakMb, goals: { 20: 6, 24: 8 } },
    ],
  },
  {
    name: 'first-request',
    file: 'endpoint.js',
    path: '/accounts/7',
    warmUp: [0, 0],
    requests: [1, 1],
    operations: 1,
    spans: 3,
    rows: [
      {
        title: 'start-up: time to the first answer of the service below',
        unit: 'ms',
        digits: 0,
        value: ({ answeredMs }) => answeredMs,
        goals: { 20: 30, 24: 40 },
      },
    ],
  },
  {
    name: 'pg',
    file: 'pg.js',
    counted: [20, 26],
    warmUp: [20, 2],
    requests: [8, 1],
    operations: 1000,
    spans: 1,
    candidates: SOME,
    rows: [cpuPerOperation('pg: `SELECT` on one client', { 20: 6.5, 24: 8 })],
  },
  {
    name: 'pg-pool',
    file: 'pg-pool.js',
    counted: [20, 26],
    warmUp: [20, 1],
    requests: [8, 1],
    operations: 1000,
    spans: 1,
    candidates: SOME,
    rows: [cpuPerOperation('pg: `pool.query`', { 20: 12, 24: 14 })],
  },
  {
    name: 'redis',
    file: 'redis.js',
    counted: [20, 26],
    warmUp: [20, 2],
    requests: [16, 2],
    operations: 1000,
    spans: 1,
    candidates: SOME,
    rows: [cpuPerOperation('ioredis: `GET`, one by one', { 20: 3.8 })],
  },
  {
    name: 'redis-pipeline',
    file: 'redis-pipeline.js',
    counted: [30, 40],
    warmUp: [20, 4],
    requests: [30, 4],
    operations: 1000,
    spans: 1,
    candidates: SOME,
    rows: [cpuPerOperation('ioredis: `GET` in pipelines of 100', { 20: 2.8 })],
  },
  {
    name: 'hello',
    file: 'hello.js',
    counted: [20_000, 26_000],
    warmUp: [20_000, 500],
    requests: [10_000, 1000],
    operations: 1,
    connections: 20,
    spans: 0,
    candidates: [...SOME, 'elastic'],
    rows: [cpuPerOperation('Fastify hello world; a request', { 24: 12 }), requestsPerSecond('Fastify hello world', { 24: 0.6 })],
  },
  {
    name: 'http',
    file: 'http.js',
    warmUp: [20_000, 500],
    requests: [10_000, 1000],
    operations: 1,
    connections: 20,
    spans: 0,
    candidates: ['bare', 'sietch', 'deno-bare', 'deno'],
    rows: [cpuPerOperation('a plain HTTP server; a request'), requestsPerSecond('a plain HTTP server')],
  },
  {
    name: 'endpoint',
    file: 'endpoint.js',
    counted: [4000, 8000],
    path: '/accounts/7',
    warmUp: [6000, 150],
    requests: [3000, 250],
    operations: 1,
    connections: 20,
    spans: 3,
    candidates: [...SOME, 'sentry'],
    rows: [
      cpuPerOperation('service: express, 1 pg, 2 Redis, 1 pino line; a request', { 20: 45, 24: 50 }),
      requestsPerSecond('service', { 20: 0.85, 24: 0.8 }),
      { title: 'service: peak memory', unit: 'MB', digits: 0, value: ({ peakMb }) => peakMb },
    ],
  },
  {
    name: 'queue',
    file: 'queue.js',
    counted: [5, 10],
    warmUp: [25, 1],
    requests: [20, 1],
    operations: 200,
    spans: 2,
    candidates: SOME,
    rows: [cpuPerOperation('BullMQ: a job added and processed', { 20: 55 })],
  },
  {
    name: 'circuit',
    file: 'circuit.js',
    counted: [1, 2],
    warmUp: [5, 1],
    requests: [20, 3],
    operations: 50_000,
    spans: 0,
    candidates: ['bare', 'sietch', 'upstream'],
    rows: [{ ...cpuPerOperation('opossum: a call through a closed breaker (upstream: opossum-prometheus)', { 20: 0.1 }), digits: 2 }],
  },
  {
    name: 'scrape',
    file: 'scrape.js',
    warmUp: [1, 1],
    requests: [1, 1],
    operations: 1,
    scrapes: [60, 5],
    spans: 0,
    candidates: ['sietch', 'upstream', 'elastic'],
    rows: [
      {
        title: '/metrics: a scrape of 1000 counters and 1000 histograms',
        unit: 'CPU ms',
        digits: 1,
        against: 'alone',
        value: ({ cpuMs, scrapes }) => cpuMs / scrapes,
      },
    ],
  },
  {
    name: 'pg-unsampled',
    file: 'pg.js',
    warmUp: [200, 10],
    requests: [80, 10],
    operations: 100,
    spans: 1,
    sampledOneIn: 100,
    candidates: ['bare', 'sietch', 'upstream'],
    rows: [cpuPerOperation('1 % sampled: pg `SELECT` on one client')],
  },
  {
    name: 'redis-unsampled',
    file: 'redis.js',
    warmUp: [200, 10],
    requests: [150, 20],
    operations: 100,
    spans: 1,
    sampledOneIn: 100,
    candidates: ['bare', 'sietch', 'upstream'],
    rows: [cpuPerOperation('1 % sampled: ioredis `GET`, one by one')],
  },
];
