// Two bursts: for a minute everything fails in the worker, at a rate that the machine can serve under any variant; then the same on other routes, whose
// limits nothing has used up. In the first V8 compiles what sending needs, on the core of the app here; the second shows what sending itself costs.
// In turns, since the machine may not be the same from one minute to the next.
import { markdownTable } from '../figures.ts';
import type { Surroundings } from './app-process.ts';
import { BARE, RECORDER, type Variant, WITHOUT } from './variants.ts';
import { latencyText, reasonsText, runWebhooks, type WebhookLoad, type WebhookResult } from './webhooks.ts';

const MOST_PER_SECOND = 100;
/** Of what the two processes and their servers do without a preload: at a greater share the latency would be that of a queue. */
const SHARE = 0.5;
const TURNS = 3;
/** Webhooks that succeed: V8 is to be done compiling what they run. */
const WARM_UP = 4000;
const CAPACITY_WEBHOOKS = 2000;
const ROUTES = ['webhooks', 'orders', 'refunds'] as const;
const LATER_ROUTES = ['invoices', 'payouts', 'disputes'] as const;
const BEFORE: WebhookLoad = { webhooks: WARM_UP, routes: [...ROUTES, ...LATER_ROUTES], fails: () => false };
const HEAD = [
  '',
  'failing',
  'found',
  'whole',
  'first of each route, whole',
  'spans sent',
  'CPU s',
  'peak MB',
  'first burst, p50 / p99 ms',
  'later burst, p50 / p99 ms',
  'loops late, ms',
];

export interface BurstOptions {
  readonly seconds: number;
  readonly surroundings: (variant: Variant) => Surroundings;
  readonly say: (line: string) => void;
}

/** The section of the report. */
export async function measureBurst({ seconds, surroundings, say }: BurstOptions): Promise<string[]> {
  const everything = { fails: () => true, routes: ROUTES };
  const { rate: capacity } = await runWebhooks(BARE, [BEFORE, { ...everything, webhooks: CAPACITY_WEBHOOKS }], surroundings(BARE));
  const perSecond = Math.min(MOST_PER_SECOND, Math.floor(capacity * SHARE));
  const burst: WebhookLoad = { ...everything, webhooks: perSecond * seconds, perSecond };
  const rows: string[][] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    for (const variant of [BARE, WITHOUT, RECORDER]) {
      const result = await runWebhooks(variant, [BEFORE, burst, { ...burst, routes: LATER_ROUTES }], surroundings(variant));
      say(reasonsText(result));
      rows.push(rowOf(variant, result));
    }
  }
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b));
  return [
    `## Everything fails, twice for ${seconds} s at ${perSecond} a second, in turns (without a preload the machine does ${capacity.toFixed(0)} a second)`,
    '',
    ...markdownTable(HEAD, rows),
  ];
}

function rowOf({ name }: Variant, { failing, found, whole, firstWhole, spans, latencies, cpuMs, peakMb, loops }: WebhookResult): string[] {
  return [
    name,
    ...[failing, found, whole].map(String),
    firstWhole.join(', '),
    String(spans),
    (cpuMs / 1000).toFixed(1),
    peakMb.toFixed(0),
    ...latencies.slice(1).map(latencyText),
    loops.map((ms) => ms.toFixed(1)).join(', '),
  ];
}
