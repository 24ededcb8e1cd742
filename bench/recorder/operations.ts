// What one operation costs when it is recorded and falls out, beside the same one unsampled and sent.
import type { Candidate } from '../candidates.ts';
import type { Scenario } from '../scenarios.ts';
import { type Summary, summarize } from '../statistics.ts';
import { type Measurement, type Place, runWorkload } from '../workload.ts';
import { candidate, RECORDER_ON } from './variants.ts';

const scenario = (name: string, file: string, sizes: Pick<Scenario, 'warmUp' | 'requests' | 'operations' | 'env'>): Scenario => ({
  name,
  file,
  ...sizes,
  spans: 0,
  rows: [],
});

/** Through the API, without what an instrumentation does. */
const traces = (name: string, spans: number): Scenario =>
  scenario(name, '../recorder/apps/traces.js', { warmUp: [400, 20], requests: [400, 20], operations: 100, env: { SPANS: String(spans) } });

/** A hundred operations a trace, as requests have; more would be over the bound of one trace. */
export const OPERATIONS: readonly Scenario[] = [
  scenario('pg `SELECT` on one client', 'pg.js', { warmUp: [200, 10], requests: [200, 10], operations: 100 }),
  scenario('ioredis `GET`, one by one', 'redis.js', { warmUp: [400, 20], requests: [400, 20], operations: 100 }),
  scenario('BullMQ: a job added and processed', 'queue.js', { warmUp: [80, 2], requests: [40, 2], operations: 100 }),
  traces('a span that is a trace of its own', 1),
  traces('a span in a trace of ten', 10),
];

const off = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' };
const ways: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  unsampled: off,
  recorded: { ...off, ...RECORDER_ON },
  // So long that none is dropped, which would make it cheap.
  sent: { OTEL_TRACES_SAMPLER: 'parentbased_always_on', OTEL_BSP_MAX_QUEUE_SIZE: '65536' },
};

export type Costs = ReadonlyMap<string, Summary>;

/** CPU µs an operation over bare, by way; in pairs of rounds. */
export async function measureOperation(each: Scenario, rounds: number, place: Omit<Place, 'folder'>, folders: Folders): Promise<Costs> {
  const measured = new Map<string, number[]>(['bare', ...Object.keys(ways)].map((way) => [way, []]));
  const names = [...measured.keys()];
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const way = names[(round + turn) % names.length] ?? '';
      const own = way === 'bare' ? candidate('bare') : variantOf(way);
      const folder = way === 'bare' ? folders.bare : folders.sietch;
      measured.get(way)?.push(micros(await runWorkload(own, each, { ...place, folder })));
    }
  }
  const bare = measured.get('bare') ?? [];
  const added = names.slice(1).map((way): [string, Summary] => {
    return [way, summarize((measured.get(way) ?? []).map((value, round) => value - (bare[round] ?? Number.NaN)))];
  });
  return new Map([['bare', summarize(bare)], ...added]);
}

export interface Folders {
  readonly bare: string;
  readonly sietch: string;
  readonly upstream: string;
}

function variantOf(way: string): Candidate {
  const sietch = candidate('sietch');
  return { ...sietch, env: (url) => ({ ...sietch.env(url), ...ways[way] }) };
}

function micros({ cpuMs, operations }: Measurement): number {
  return (cpuMs * 1000) / operations;
}
