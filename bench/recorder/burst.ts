// A burst: for a minute everything fails in the worker, at a rate that the machine can serve under any variant. In turns, since it may not be the same
// from one minute to the next.
import { markdownTable } from '../figures.ts';
import type { Surroundings } from './app-process.ts';
import { BARE, RECORDER, type Variant, WITHOUT } from './variants.ts';
import { reasonsText, runWebhooks, type WebhookLoad, type WebhookResult } from './webhooks.ts';

const MOST_PER_SECOND = 100;
/** Of what the two processes and their servers do without a preload: at a greater share the latency would be that of a queue. */
const SHARE = 0.5;
const TURNS = 3;
/** V8 is to be done compiling what a failing webhook runs: on one core, requests wait for that. */
const WARM_UP = 4000;
const CAPACITY_WEBHOOKS = 2000;
const EVERYTHING: Pick<WebhookLoad, 'warmUp' | 'routes' | 'fails'> = {
  warmUp: WARM_UP,
  routes: ['webhooks', 'orders', 'refunds'],
  fails: () => true,
};
const HEAD = [
  '',
  'failing',
  'found',
  'whole',
  'first of each route, whole',
  'spans sent',
  'CPU s',
  'peak MB',
  'p50 / p99 ms',
  'loops late, ms',
];

export interface BurstOptions {
  readonly seconds: number;
  readonly surroundings: (variant: Variant) => Surroundings;
  readonly say: (line: string) => void;
}

/** The section of the report. */
export async function measureBurst({ seconds, surroundings, say }: BurstOptions): Promise<string[]> {
  const { rate: capacity } = await runWebhooks(BARE, { ...EVERYTHING, webhooks: CAPACITY_WEBHOOKS }, surroundings(BARE));
  const perSecond = Math.min(MOST_PER_SECOND, Math.floor(capacity * SHARE));
  const rows: string[][] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    for (const variant of [BARE, WITHOUT, RECORDER]) {
      const result = await runWebhooks(variant, { ...EVERYTHING, webhooks: perSecond * seconds, perSecond }, surroundings(variant));
      say(reasonsText(result));
      rows.push(rowOf(variant, result));
    }
  }
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b));
  return [
    `## Everything fails, for ${seconds} s at ${perSecond} a second, in turns (without a preload the machine does ${capacity.toFixed(0)} a second)`,
    '',
    ...markdownTable(HEAD, rows),
  ];
}

function rowOf({ name }: Variant, { failing, found, whole, firstWhole, spans, p50, p99, cpuMs, peakMb, loops }: WebhookResult): string[] {
  return [
    name,
    ...[failing, found, whole].map(String),
    firstWhole.join(', '),
    String(spans),
    (cpuMs / 1000).toFixed(1),
    peakMb.toFixed(0),
    `${p50.toFixed(1)} / ${p99.toFixed(1)}`,
    loops.map((ms) => ms.toFixed(1)).join(', '),
  ];
}
