// Webhooks through two processes, some of which fail in the second: what is sent of them, and what of the failing ones is there.
import type { Span } from '../../src/view/telemetry.js';
import { load } from '../load.ts';
import { AppProcess, type Surroundings } from './app-process.ts';
import type { Variant } from './variants.ts';

export interface WebhookLoad {
  readonly webhooks: number;
  /** Undefined: as many as are answered. */
  readonly perSecond?: number;
  /** Called one after the other; each has a queue. */
  readonly routes: readonly string[];
  /** Whether the nth fails. */
  readonly fails: (index: number) => boolean;
}

/** Milliseconds from when each request was due to its answer. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface WebhookResult {
  readonly spans: number;
  readonly failing: number;
  /** Failing traces of which both halves are there, every span of them. */
  readonly whole: number;
  /** Failing traces of which something is there. */
  readonly found: number;
  /** The first failing traces of each route that has any, and how many of them are whole. */
  readonly firstWhole: readonly string[];
  /** Traces that were kept for a reason which they do not have: not failed and not slow, or failed and no reason but that another process said so. */
  readonly wrongReasons: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly peakMb: number;
  /** Of each load. */
  readonly latencies: readonly Latency[];
  /** How late the event loops of the two processes were, in ms: the 99th percentile of the process that takes webhooks, of the one that works them off. */
  readonly loops: readonly [web: number, worker: number];
  /** Webhooks a second, from the first request of the last load to the last job. */
  readonly rate: number;
}

/** Of a failing webhook: SERVER and PRODUCER in the first process, CONSUMER in the second, with one statement there, one command and one statement here. */
const LEAST_CLIENTS = 3;
/** Reasons that a webhook which did not fail may have. */
const SLOW: ReadonlySet<string> = new Set(['slow', 'slow_query', 'slow_command']);
/** Failing traces of a route that must be there: fewer than what is kept of one reason in a minute. */
const FIRST = 50;
/** What another process has to hear is heard within a second or two. */
const SETTLE_MS = 3000;

/** @param loads one after the other, on the same processes */
export async function runWebhooks(variant: Variant, loads: readonly WebhookLoad[], surroundings: Surroundings): Promise<WebhookResult> {
  const routes = [...new Set(loads.flatMap((given) => given.routes))];
  const web = new AppProcess('web.js', variant, surroundings, routes);
  const worker = new AppProcess('worker.js', variant, surroundings, routes);
  try {
    const port = await web.port();
    await worker.ready();
    const done = worker.done(Math.floor(loads.reduce((sum, { webhooks }) => sum + webhooks, 0) / 100) * 100);
    const failing = new Map<string, string>();
    const latencies: Latency[] = [];
    let failures = 0;
    let begun = 0;
    for (const { webhooks, perSecond, routes: own, fails } of loads) {
      begun = performance.now();
      const routeOf = (index: number) => own[index % own.length] ?? '';
      const times: number[] = [];
      await load({
        port,
        connections: 20,
        requests: webhooks,
        ...(perSecond === undefined ? {} : { perSecond }),
        path: (index) => `/${routeOf(index)}/${fails(index) ? 'failing' : 'paid'}`,
        onAnswer(index, body, ms) {
          times.push(ms);
          if (!fails(index)) return;
          failures++;
          if (body !== '') failing.set(body, routeOf(index));
        },
      });
      latencies.push({ p50: quantile(times, 0.5), p99: quantile(times, 0.99) });
    }
    await done;
    const rate = ((loads.at(-1)?.webhooks ?? 0) * 1000) / (performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const taken = [await web.end(), await worker.end()] as const;
    return {
      ...judge(await surroundings.sink.takeSpans(), failing),
      failing: failures,
      cpuMs: taken.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      peakMb: Math.max(...taken.map(({ peakMb }) => peakMb)),
      latencies,
      loops: [taken[0].loopP99, taken[1].loopP99],
      rate,
    };
  } finally {
    await Promise.all([web.kill(), worker.kill()]);
  }
}

type Judged = Omit<WebhookResult, 'failing' | 'cpuMs' | 'peakMb' | 'latencies' | 'loops' | 'rate'>;

/** @param failing the route of each failing trace, in the order of their answers */
function judge(spans: readonly Span[], failing: ReadonlyMap<string, string>): Judged {
  const traces = new Map<string, Span[]>();
  for (const span of spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  const reasons: Record<string, number> = {};
  let whole = 0;
  let found = 0;
  let wrongReasons = 0;
  for (const [traceId, own] of traces) {
    const reasonsGiven = own.flatMap(({ attributes }) => attributes['sietch.keep.reason'] ?? []).map(String);
    const isFailing = failing.has(traceId);
    for (const reason of reasonsGiven) reasons[reason] = (reasons[reason] ?? 0) + 1;
    const first = reasonsGiven.find((reason) => reason !== 'downstream');
    if (reasonsGiven.length > 0 && (isFailing ? first === undefined : !SLOW.has(first ?? ''))) wrongReasons++;
    if (!isFailing) continue;
    found++;
    if (isWhole(own)) whole++;
  }
  const firstWhole = [...new Set(failing.values())].map((route) => {
    const first = [...failing].filter(([, own]) => own === route).slice(0, FIRST);
    return `${first.filter(([traceId]) => isWhole(traces.get(traceId) ?? [])).length} of ${first.length}`;
  });
  return { spans: spans.length, whole, found, firstWhole, wrongReasons, reasons };
}

function isWhole(spans: readonly Span[]): boolean {
  const count = (kind: Span['kind']) => spans.filter((span) => span.kind === kind).length;
  return count('SERVER') >= 1 && count('PRODUCER') >= 1 && count('CONSUMER') >= 1 && count('CLIENT') >= LEAST_CLIENTS;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const latencyText = ({ p50, p99 }: Latency): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`;

export function reasonsText({ reasons }: WebhookResult): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}
