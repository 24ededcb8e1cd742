// npm run bench:recorder: the figures of the flight recorder, in one run. Usage:
//   npm run bench:recorder -- [--quick] [--only webhooks,burst,operations,memory] [--no-build]
// Prints markdown; a full run writes docs/recorder-benchmark.md.

import { execFileSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../../test/support/checkout.ts';
import { prepareFolder } from '../app-folder.ts';
import { markdownTable } from '../figures.ts';
import { canPin, pinSelf } from '../pinning.ts';
import { type Servers, startServers } from '../servers.ts';
import type { Surroundings } from './app-process.ts';
import { measureBurst } from './burst.ts';
import { type MemoryResult, measureMemory } from './memory.ts';
import { type Folders, measureOperation, OPERATIONS } from './operations.ts';
import { candidate, RECORDER, VARIANTS, type Variant, WITHOUT } from './variants.ts';
import { latencyText, reasonsText, runWebhooks, type WebhookLoad, type WebhookResult } from './webhooks.ts';

const WEBHOOKS_PER_SECOND = 150;
const PARTS = ['webhooks', 'burst', 'operations', 'memory'] as const;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

class Bench {
  readonly #servers: Servers;
  readonly #folders: Folders;
  readonly #quick: boolean;
  #runs = 0;

  constructor(servers: Servers, folders: Folders, quick: boolean) {
    this.#servers = servers;
    this.#folders = folders;
    this.#quick = quick;
  }

  async webhooks(): Promise<string[]> {
    const webhooks = this.#quick ? 2000 : 10_000;
    const given: WebhookLoad = { webhooks, perSecond: WEBHOOKS_PER_SECOND, routes: ['webhooks'], fails: (index) => index % 100 === 50 };
    const results: [Variant, WebhookResult][] = [];
    for (const variant of VARIANTS) results.push([variant, await runWebhooks(variant, [given], this.#surroundings(variant))]);
    const all = (variant: Variant) => spansOf(results, variant.candidate.name === 'upstream' ? 'upstream, 100 %' : 'sietch, 100 %');
    const rows = results.map(([variant, result]) => [
      variant.name,
      result.spans,
      percent(result.spans / all(variant)),
      `${result.found} of ${result.failing}`,
      `${result.whole} of ${result.failing}`,
      result.wrongReasons,
      (result.cpuMs / 1000).toFixed(1),
      result.peakMb.toFixed(0),
      result.latencies.map(latencyText).join(),
      reasonsText(result),
    ]);
    const head = [
      '',
      'spans sent',
      'of all',
      'failing found',
      'failing whole',
      'wrong reasons',
      'CPU s',
      'peak MB',
      'p50 / p99 ms',
      'kept for',
    ];
    return [
      `## ${webhooks} webhooks at ${WEBHOOKS_PER_SECOND} a second through two processes, 1 % fail in the worker`,
      '',
      ...table(head, rows),
    ];
  }

  burst(): Promise<string[]> {
    return measureBurst({ seconds: this.#quick ? 20 : 60, surroundings: (variant) => this.#surroundings(variant), say });
  }

  async operations(): Promise<string[]> {
    const place = { ...this.#servers.place, quick: this.#quick };
    const rows: string[][] = [];
    for (const each of OPERATIONS) {
      const costs = await measureOperation(each, this.#quick ? 1 : 5, place, this.#folders);
      rows.push([each.name, ...['bare', 'unsampled', 'recorded', 'sent'].map((way) => summaryText(costs.get(way)))]);
      say(`${each.name} measured`);
    }
    return ['## An operation, CPU µs: bare, and what is added', '', ...table(['', 'bare', 'unsampled', 'recorded', 'sent'], rows)];
  }

  async memory(): Promise<string[]> {
    const [perSecond, seconds] = this.#quick ? [2000, 10] : [5000, 60];
    const results: [string, MemoryResult][] = [];
    for (const variant of [WITHOUT, RECORDER]) {
      results.push([variant.name, await measureMemory(variant, perSecond, seconds, this.#surroundings(variant))]);
    }
    const rows = results.map(([name, { rate, p99, cpuMs, peakMb }]) => [
      name,
      rate.toFixed(0),
      p99.toFixed(1),
      (cpuMs / 1000).toFixed(1),
      peakMb.toFixed(0),
    ]);
    const counters = results.flatMap(([name, result]) => Object.entries(result.counters).map(([key, value]) => [name, key, value]));
    return [
      `## Memory: ${perSecond} requests a second for ${seconds} s, three spans each`,
      '',
      ...table(['', 'requests/s', 'p99 ms', 'CPU s', 'peak MB'], rows),
      '',
      ...table(['', 'counter', 'value'], counters),
    ];
  }

  #surroundings(variant: Variant): Surroundings {
    const { sink, databaseUrl, redisUrl } = this.#servers.place;
    const { name } = variant.candidate;
    const folder = name === 'bare' || name === 'upstream' ? this.#folders[name] : this.#folders.sietch;
    say(variant.name);
    return { folder, sink, databaseUrl, redisUrl, queue: `webhooks-${process.pid}-${++this.#runs}` };
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, 'no-build': { type: 'boolean', default: false } },
  });
  const parts = PARTS.filter((part) => values.only?.split(',').includes(part) ?? true);
  if (!values['no-build']) execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const folders = { bare: await folderOf('bare'), sietch: await folderOf('sietch'), upstream: await folderOf('upstream') };
  const servers = await startServers(say);
  try {
    pinSelf();
    const bench = new Bench(servers, folders, values.quick);
    const lines = ['# The flight recorder in figures', ''];
    for (const part of parts) lines.push(...(await bench[part]()), '');
    lines.push(conditions(servers, values.quick), '');
    process.stdout.write(lines.join('\n'));
    if (!values.quick && values.only === undefined) writeFileSync(join(ROOT, 'docs', 'recorder-benchmark.md'), lines.join('\n'));
  } finally {
    await servers.stop();
  }
}

async function folderOf(name: string): Promise<string> {
  const folder = await prepareFolder(candidate(name), say);
  cpSync(join(ROOT, 'bench', 'recorder', 'apps'), join(folder, 'recorder', 'apps'), { recursive: true });
  return folder;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  return markdownTable(
    head,
    rows.map((row) => row.map(String)),
  );
}

function spansOf(results: readonly (readonly [Variant, WebhookResult])[], name: string): number {
  return results.find(([variant]) => variant.name === name)?.[1].spans ?? Number.NaN;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function summaryText(summary: { median: number; min: number; max: number } | undefined): string {
  if (summary === undefined) return '–';
  return `${summary.median.toFixed(1)} (${summary.min.toFixed(1)} … ${summary.max.toFixed(1)})`;
}

function conditions({ names }: Servers, quick: boolean): string {
  const pinning = canPin ? 'apps and servers on one core, load and receiver on another' : 'processes not kept on cores';
  const day = new Date().toISOString().slice(0, 10);
  return `Measured ${day}: Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}; ${names.join(', ')}; ${pinning}; load average ${loadavg()[0]?.toFixed(1)} at the end${quick ? '; quick' : ''}.`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
