// Runs one workload once, in a process of its own, and says what it took.

import type { ChildProcess } from 'node:child_process';
import { get } from 'node:http';
import { join } from 'node:path';
import { eventually } from '../test/support/eventually.ts';
import { endChild, spawnGuarded } from '../test/support/guarded-process.ts';
import { otherRuntime } from '../test/support/other-runtimes.ts';
import { freePort } from '../test/support/ports.ts';
import type { Candidate } from './candidates.ts';
import { load } from './load.ts';
import { onWorkCore } from './pinning.ts';
import type { Scenario } from './scenarios.ts';
import type { Received, Sink } from './sink.ts';

export interface Measurement extends Received {
  /** User and system time, all threads, from the end of the warm-up to the end of the process: sending of the last batch included. */
  readonly cpuMs: number;
  /** From the end of the warm-up to the last answer. */
  readonly wallMs: number;
  /** From the start of node to the first line of the app. */
  readonly userCodeMs: number;
  /** From the start of the process to the last answer. */
  readonly answeredMs: number;
  /** From the start of the process to its end. */
  readonly elapsedMs: number;
  readonly peakMb: number;
  /** In the measured part. */
  readonly operations: number;
  readonly scrapes: number;
  /** Milliseconds from when each request of the measured part was due to its answer; none unless they are sent at a rate. */
  readonly latencies: readonly number[];
  /** Milliseconds that the event loop was late, and that the garbage collector took, where the scenario watches them. */
  readonly watched?: { readonly loopP99: number; readonly loopMax: number; readonly collected: number; readonly longestCollection: number };
}

/** What a run needs beside candidate and scenario. */
export interface Place {
  readonly folder: string;
  readonly sink: Sink;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly quick: boolean;
  /** The command that runs the workload. Default: the node that runs the bench, on the core of the workload. */
  readonly node?: readonly string[];
  /** Default two minutes. */
  readonly deadlineMs?: number;
}

/** What measured.js says at the end. */
type Report = Pick<Measurement, 'cpuMs' | 'wallMs' | 'userCodeMs' | 'peakMb' | 'watched'>;

const DEADLINE_MS = 120_000;
/** The end of the warm-up is at the rate that is measured: single requests take other ways through V8 and Node than a queue of them, to be compiled anew. */
export const WARM_UP_SECONDS = 2;
/** For the header of the OpenMetrics text that Prometheus asks for. */
const SCRAPE_HEADERS = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' };

/**
 * @throws {Error} when the workload fails, does not end in time or says nothing.
 */
export async function runWorkload(candidate: Candidate, scenario: Scenario, place: Place): Promise<Measurement> {
  const metricsPort = scenario.scrapes === undefined ? 0 : await freePort();
  const program = candidate.runtime === undefined ? place.node : onWorkCore(await otherRuntime(candidate.runtime));
  const [command = '', ...before] = program ?? onWorkCore(process.execPath);
  const args = [...before, ...candidate.preload, join(place.folder, 'scenarios', candidate.files?.[scenario.name] ?? scenario.file)];
  const startedAt = performance.now();
  const child = spawnGuarded({ command, args, cwd: place.folder, env: environment(candidate, scenario, place, metricsPort) });
  const deadline = setTimeout(() => child.kill('SIGKILL'), place.deadlineMs ?? DEADLINE_MS);
  try {
    const output = new Output(child);
    const elapsed = output.ended.then(() => performance.now() - startedAt);
    const latencies = count(scenario.requests, place) > 0 ? await drive(scenario, place, await output.port, metricsPort) : [];
    const answeredMs = performance.now() - startedAt;
    const elapsedMs = await elapsed;
    const operations = count(scenario.requests, place) * scenario.operations;
    return {
      ...output.report(),
      answeredMs,
      elapsedMs,
      operations,
      scrapes: count(scenario.scrapes ?? [0, 0], place),
      latencies,
      ...(await place.sink.take()),
    };
  } finally {
    clearTimeout(deadline);
    await endChild(child, 'SIGKILL');
  }
}

export function count([full, quick]: readonly [number, number], place: Pick<Place, 'quick'>): number {
  return place.quick ? quick : full;
}

/** Trace ids that TraceIdRatioBased takes and leaves, at any ratio from 1 % to 99 %. */
export function isSampled(index: number, scenario: Scenario): boolean {
  return scenario.sampledOneIn === undefined || index % scenario.sampledOneIn === 0;
}

async function drive(scenario: Scenario, place: Place, port: number, metricsPort: number): Promise<readonly number[]> {
  const path = scenario.path ?? '/';
  if (scenario.scrapes !== undefined) {
    const url = `http://127.0.0.1:${metricsPort}/metrics`;
    // The endpoint may be there a little later than the app.
    const isThere = () =>
      scrape(url).then(
        () => true,
        () => false,
      );
    await eventually('an answer of /metrics', isThere);
    for (let i = 0; i < 4; i++) await scrape(url);
    await load({ port, path, requests: 1, connections: 1 });
    for (let i = 0; i < count(scenario.scrapes, place); i++) await scrape(url);
    await load({ port, path, requests: 1, connections: 1 });
    return [];
  }
  const headers = scenario.sampledOneIn === undefined ? undefined : (index: number) => traceparent(index, isSampled(index, scenario));
  const shared = { port, path, connections: scenario.connections ?? 1, ...(headers === undefined ? {} : { headers }) };
  const [warmUp, requests] = [count(scenario.warmUp, place), count(scenario.requests, place)];
  const latencies: number[] = [];
  if (scenario.perSecond === undefined) {
    await load({ ...shared, requests: warmUp + requests, even: scenario.processes !== undefined });
  } else {
    const { perSecond } = scenario;
    const atRate = Math.min(warmUp, perSecond * WARM_UP_SECONDS);
    await load({ ...shared, requests: warmUp - atRate });
    await load({ ...shared, requests: atRate, perSecond });
    await load({ ...shared, requests, perSecond, onAnswer: (_index, _body, ms) => latencies.push(ms) });
  }
  return latencies;
}

/**
 * TraceIdRatioBased of OpenTelemetry JS compares the four quarters of the id, combined by XOR, with its ratio of 2³²; the consistent rule the last 56 bits
 * with a threshold. Both decide alike here.
 */
function traceparent(index: number, sampled: boolean): string {
  const [first, third] = sampled ? ['ffffffff', 'ffffffff'] : ['f0000000', '00000000'];
  const id = `${first}${'0'.repeat(8)}${third}${(index + 1).toString(16).padStart(8, '0')}`;
  return `traceparent: 00-${id}-00000000000000a1-0${sampled ? 1 : 0}\r\n`;
}

function scrape(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers: SCRAPE_HEADERS, agent: false }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.resume().on('end', resolve).on('error', reject);
    }).on('error', reject);
  });
}

function environment(candidate: Candidate, scenario: Scenario, place: Place, metricsPort: number): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env))
    if (!/^(OTEL_|SIETCH_|DD_|ELASTIC_|SENTRY_|NODE_|npm_)/.test(name)) env[name] = value;
  const { processes = 1 } = scenario;
  const sampled = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
  const scraped = { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort) };
  return {
    ...env,
    NODE_ENV: 'production',
    DATABASE_URL: place.databaseUrl,
    REDIS_URL: place.redisUrl,
    PROCESSES: String(processes),
    WARM_UP: String(count(scenario.warmUp, place) / processes),
    REQUESTS: String(count(scenario.requests, place) / processes),
    OPERATIONS: String(scenario.operations),
    ...scenario.env,
    // The first batch that is sent shows Node's streams another kind of socket: what was compiled for one kind is thrown away. That is to be in the warm-up.
    OTEL_BSP_SCHEDULE_DELAY: '500',
    ...candidate.env(place.sink.url),
    ...(scenario.sampledOneIn === undefined || candidate.name === 'bare' ? {} : sampled),
    ...(scenario.scrapes === undefined ? {} : scraped),
    PEER_CODE: candidate.peerCode?.[scenario.name] ?? '',
  };
}

/** What a workload prints: the port it listens on, then its report. */
class Output {
  readonly port: Promise<number>;
  readonly ended: Promise<void>;
  #text = '';
  #errors = '';

  constructor(child: ChildProcess) {
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    child.stdout?.setEncoding('utf8');
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
    this.port = new Promise((resolve, reject) => {
      child.stdout?.on('data', (text: string) => {
        this.#text += text;
        const port = /^\{"port":(\d+)\}$/m.exec(this.#text)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      child.once('close', () => reject(new Error(`the workload ended before it listened:\n${this.#errors}`)));
    });
    this.port.catch(() => {});
  }

  /** Of several processes with the CPU time of all. */
  report(): Report {
    const reports = [...this.#text.matchAll(/^\{"cpuMs":.*\}$/gm)].map(([line]): Report => JSON.parse(line));
    const [first] = reports;
    if (first === undefined) throw new Error(`the workload ended without its report:\n${this.#errors.slice(-2000)}`);
    return { ...first, cpuMs: reports.reduce((sum, { cpuMs }) => sum + cpuMs, 0) };
  }
}
