// Webhooks through two processes, some of which fail in the second: what is sent of them, and what of the failing ones is there.
import type { Span } from '../../src/view/telemetry.js';
import { load } from '../load.ts';
import { AppProcess, type Surroundings } from './app-process.ts';
import type { Variant } from './variants.ts';

export interface WebhookLoad {
  readonly webhooks: number;
  /** Undefined: as many as are answered. */
  readonly perSecond?: number;
  /** Sent before, all of which succeed, and whose answers are not measured. */
  readonly warmUp?: number;
  /** Those of apps/web.js that are called, one after the other. */
  readonly routes: readonly string[];
  /** Whether the nth fails. */
  readonly fails: (index: number) => boolean;
}

export interface WebhookResult {
  readonly spans: number;
  readonly failing: number;
  /** Failing traces of which both halves are there, every span of them. */
  readonly whole: number;
  /** Failing traces of which something is there. */
  readonly found: number;
  /** The first failing traces of each route, and how many of them are whole. */
  readonly firstWhole: readonly string[];
  /** Traces that were kept for a reason which they do not have: not failed and not slow, or failed and no reason but that another process said so. */
  readonly wrongReasons: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly peakMb: number;
  /** Of the answers, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** How late the event loops of the two processes were, in ms: the 99th percentile of the process that takes webhooks, of the one that works them off. */
  readonly loops: readonly [web: number, worker: number];
  /** Webhooks a second, from the first request to the last job. */
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

export async function runWebhooks(variant: Variant, given: WebhookLoad, surroundings: Surroundings): Promise<WebhookResult> {
  const web = new AppProcess('web.js', variant, surroundings);
  const worker = new AppProcess('worker.js', variant, surroundings);
  try {
    const port = await web.port();
    await worker.ready();
    const { webhooks, perSecond, warmUp = 0 } = given;
    const shared = { port, connections: 20, ...(perSecond === undefined ? {} : { perSecond }) };
    const done = worker.done(Math.floor((warmUp + webhooks) / 100) * 100);
    await load({ ...shared, requests: warmUp, path: (index) => `/${routeOf(given, index)}/paid` });
    const begun = performance.now();
    const failing = new Map<string, number>();
    let failures = 0;
    const times: number[] = [];
    await load({
      ...shared,
      requests: webhooks,
      path: (index) => `/${routeOf(given, index)}/${given.fails(index) ? 'failing' : 'paid'}`,
      onAnswer(index, body, ms) {
        times.push(ms);
        if (!given.fails(index)) return;
        failures++;
        if (body !== '') failing.set(body, index);
      },
    });
    await done;
    const rate = (webhooks * 1000) / (performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const taken = [await web.end(), await worker.end()] as const;
    return {
      ...judge(await surroundings.sink.takeSpans(), failing, given),
      failing: failures,
      cpuMs: taken.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      peakMb: Math.max(...taken.map(({ peakMb }) => peakMb)),
      p50: quantile(times, 0.5),
      p99: quantile(times, 0.99),
      loops: [taken[0].loopP99, taken[1].loopP99],
      rate,
    };
  } finally {
    await Promise.all([web.kill(), worker.kill()]);
  }
}

function routeOf({ routes }: WebhookLoad, index: number): string {
  return routes[index % routes.length] ?? '';
}

type Judged = Omit<WebhookResult, 'failing' | 'cpuMs' | 'peakMb' | 'p50' | 'p99' | 'loops' | 'rate'>;

/** @param failing the index of each failing trace */
function judge(spans: readonly Span[], failing: ReadonlyMap<string, number>, given: WebhookLoad): Judged {
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
  const inOrder = [...failing].toSorted(([, a], [, b]) => a - b);
  const firstWhole = given.routes.map((route) => {
    const first = inOrder.filter(([, index]) => routeOf(given, index) === route).slice(0, FIRST);
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

export function reasonsText({ reasons }: WebhookResult): string {
  return Object.entries(reasons)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
}
