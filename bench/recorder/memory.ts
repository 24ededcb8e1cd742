// What the ring takes: a server at a steady rate, with the recorder and without.
import { load } from '../load.ts';
import { AppProcess, type Surroundings } from './app-process.ts';
import type { Variant } from './variants.ts';

export interface MemoryResult {
  readonly peakMb: number;
  readonly cpuMs: number;
  /** Requests a second that were answered. */
  readonly rate: number;
  readonly p99: number;
  /** Counters of the recorder, as the metrics endpoint has them at the end. */
  readonly counters: Readonly<Record<string, number>>;
}

export async function measureMemory(variant: Variant, perSecond: number, seconds: number, given: Surroundings): Promise<MemoryResult> {
  const app = new AppProcess('steady.js', variant, given);
  try {
    const port = await app.port();
    const times: number[] = [];
    const begun = performance.now();
    const onAnswer = (_index: number, _body: string, ms: number) => times.push(ms);
    await load({ port, path: '/steady', requests: perSecond * seconds, connections: 50, perSecond, onAnswer });
    const rate = (perSecond * seconds * 1000) / (performance.now() - begun);
    const counters = await readCounters(app);
    times.sort((a, b) => a - b);
    return { ...(await app.end()), rate, p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN, counters };
  } finally {
    await app.kill();
  }
}

/** Of the endpoint that the start-up line names. */
async function readCounters(app: AppProcess): Promise<Record<string, number>> {
  const url = /http:\/\/\S+\/metrics/.exec(app.errors)?.[0];
  if (url === undefined) return {};
  const text = await (await fetch(url)).text();
  const found = text.matchAll(/^(sietch_recorder_\w+)(\{[^}]*\})? (\S+)/gm);
  return Object.fromEntries([...found].map(([, name = '', labels = '', value]) => [`${name}${ownLabels(labels)}`, Number(value)]));
}

function ownLabels(labels: string): string {
  const own = [...labels.matchAll(/(?:outcome|reason|refusal)="([^"]*)"/g)].map(([, value]) => value);
  return own.length === 0 ? '' : ` ${own.join(' ')}`;
}
