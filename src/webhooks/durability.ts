// Checks whether Redis keeps what it has acknowledged: it must evict no keys, and write an
// append-only file. Checked on each connection and every 30 seconds, because both can be changed
// while it runs.
import { context, metrics, type ObservableResult } from '@opentelemetry/api';
import { createInstrument } from '../config/metric.js';
import { warn } from '../diagnose/diagnostics.js';
import { LOOP_CONTEXT } from '../integrations/queue/inner-context.js';
import { ATTR_DESTINATION, ATTR_REASON, METRIC_STORE_UNSAFE } from '../integrations/queue/names.js';
import { withDeadline } from '../node/deadline.js';
import type { RedisLike } from './peers.js';
import type { QueueEvents, UnsafeReason } from './queue-event.js';

interface Finding {
  readonly reason: UnsafeReason;
  /** Redis' own words. */
  readonly detail: string;
}

const REASONS: readonly UnsafeReason[] = ['evicts', 'no_append_only_file', 'unknown'];
const CODES = { evicts: 'SIETCH162', no_append_only_file: 'SIETCH163', unknown: 'SIETCH164' } as const;
const ANSWER_MS = 2000;
const CHECK_INTERVAL_MS = 30_000;

export class Durability {
  readonly #client: RedisLike;
  readonly #queue: string;
  readonly #events: QueueEvents;
  readonly #gauge = createInstrument(metrics.getMeter('@sietch/otel/queue'), METRIC_STORE_UNSAFE);
  readonly #timer: NodeJS.Timeout;
  #checking: Promise<readonly Finding[]> | undefined;
  /** Latest findings; undefined before the first answer. */
  #found: readonly Finding[] | undefined;

  constructor(client: RedisLike, queue: string, events: QueueEvents) {
    this.#client = client;
    this.#queue = queue;
    this.#events = events;
    client.on('ready', () => this.#check().catch(() => {}));
    this.#timer = setInterval(() => {
      if (client.status === 'ready') this.#check().catch(() => {});
    }, CHECK_INTERVAL_MS).unref();
    this.#gauge.addCallback(this.#observe);
  }

  /** Reasons why this connection may lose webhooks. Rejects where Redis does not answer. */
  async reasons(): Promise<UnsafeReason[]> {
    const found = await (this.#checking ?? this.#check());
    return found.map(({ reason }) => reason);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#gauge.removeCallback(this.#observe);
  }

  #check(): Promise<readonly Finding[]> {
    const checking = context.with(LOOP_CONTEXT, () => withDeadline(readConfiguration(this.#client), ANSWER_MS));
    this.#checking = checking;
    checking.then(
      (found) => this.#report(found),
      () => {
        // The next call asks again.
        if (this.#checking === checking) this.#checking = undefined;
      },
    );
    return checking;
  }

  /** Reports each finding once, when it begins. */
  #report(found: readonly Finding[]): void {
    const before = new Set(this.#found?.map(({ reason }) => reason));
    this.#found = found;
    for (const { reason, detail } of found) {
      if (before.has(reason)) continue;
      this.#events.notify({ type: 'unsafe_store', queue: this.#queue, reason, detail });
      warn(CODES[reason], detail);
    }
  }

  readonly #observe = (result: ObservableResult): void => {
    if (this.#found === undefined) return;
    const found = new Set(this.#found.map(({ reason }) => reason));
    for (const reason of REASONS) result.observe(found.has(reason) ? 1 : 0, { [ATTR_DESTINATION]: this.#queue, [ATTR_REASON]: reason });
  };
}

/** INFO has both, also where CONFIG is forbidden, as by hosted services. */
async function readConfiguration(client: RedisLike): Promise<Finding[]> {
  const texts = await Promise.all([client.info('memory'), client.info('persistence')]).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'ReplyError') return [];
    throw error;
  });
  const policy = fieldOf(texts, 'maxmemory_policy');
  const append = fieldOf(texts, 'aof_enabled');
  const findings: Finding[] = [];
  if (policy === undefined || append === undefined) findings.push({ reason: 'unknown', detail: 'INFO does not say' });
  if (policy !== undefined && policy !== 'noeviction') findings.push({ reason: 'evicts', detail: `maxmemory-policy ${policy}` });
  if (append === '0') findings.push({ reason: 'no_append_only_file', detail: 'appendonly no' });
  return findings;
}

function fieldOf(texts: readonly string[], name: string): string | undefined {
  return new RegExp(`^${name}:([\\w-]+)`, 'm').exec(texts.join('\n'))?.[1];
}
