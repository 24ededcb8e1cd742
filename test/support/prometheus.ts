// A real Prometheus for tests: started for the run, its data in a folder of its own, gone with it. No vitest here.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChildOutput } from './child-output.ts';
import { eventually } from './eventually.ts';
import { endChild, spawnGuarded } from './guarded-process.ts';
import { freePort } from './ports.ts';
import { findPrometheus } from './prometheus-binaries.ts';

export interface PrometheusOptions {
  /** `host:port` of the endpoints to scrape, as job `app`. */
  targets: readonly string[];
  /** More of the job's configuration, as YAML lines without indentation, e.g. `authorization: { credentials: x }`. */
  job?: readonly string[];
  /** Scrapes native histograms: by a flag of older versions, by the configuration of newer ones. */
  nativeHistograms?: boolean;
}

export interface Prometheus {
  url: string;
  /** The `data` of an answer of its HTTP API, e.g. `api('query', { query: 'up' })`. */
  api(path: string, parameters: Readonly<Record<string, string>>): Promise<unknown>;
  /** Values of an instant query. */
  query(query: string): Promise<PrometheusSample[]>;
  stop(): Promise<void>;
}

export interface PrometheusSample {
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Scrapes every 200 ms and keeps exemplars. */
export async function startPrometheus({ targets, job = [], nativeHistograms = false }: PrometheusOptions): Promise<Prometheus> {
  const { prometheus } = await findPrometheus();
  const directory = mkdtempSync(join(tmpdir(), 'sietch-otel-prometheus-'));
  const config = join(directory, 'prometheus.yml');
  const lines = [
    'job_name: app',
    'scrape_interval: 200ms',
    'scrape_timeout: 200ms',
    `static_configs: [{ targets: ${JSON.stringify(targets)} }]`,
  ];
  const features = ['exemplar-storage'];
  if (nativeHistograms) {
    if (hasNativeFlag(prometheus)) features.push('native-histograms');
    else lines.push('scrape_native_histograms: true');
  }
  writeFileSync(config, `scrape_configs:\n  - ${[...lines, ...job].join('\n    ')}\n`);
  const port = await freePort();
  const child = spawnGuarded({
    command: prometheus,
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--enable-feature=${features.join(',')}`,
    ],
    removeDirectory: directory,
  });
  const output = new ChildOutput();
  output.follow(child.stdout, child.stderr);
  const stop = async () => {
    await endChild(child, 'SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await output.waitForLine(/Server is ready to receive web requests/, 30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return createClient(`http://127.0.0.1:${port}`, stop);
}

/** Those that name the flag do not know the setting, or not it alone; not asked by version, which a build from source lacks. */
function hasNativeFlag(prometheus: string): boolean {
  return /\snative-histograms[,.]/.test(execFileSync(prometheus, ['--help'], { encoding: 'utf8' }));
}

/** Resolves when the targets were scraped without error. */
export async function waitUntilScraped(prometheus: Prometheus, count = 1): Promise<void> {
  await eventually('all targets are up', async () => {
    const up = await prometheus.query('up == 1');
    return up.length === count;
  });
}

function createClient(url: string, stop: () => Promise<void>): Prometheus {
  const api: Prometheus['api'] = async (path, parameters) => {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer: unknown = await response.json();
    if (!isRecord(answer) || answer['status'] !== 'success') throw new Error(`Prometheus refused ${path}: ${JSON.stringify(answer)}`);
    return answer['data'];
  };
  return {
    url,
    api,
    stop,
    async query(query) {
      const data = await api('query', { query });
      const result = isRecord(data) && Array.isArray(data['result']) ? data['result'] : [];
      return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
