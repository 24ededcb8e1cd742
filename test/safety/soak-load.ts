// Steady load on the example service, and what its processes hold before and after.

import { Client } from 'pg';
import type { App } from '../support/app.ts';
import type { WebhookApp } from '../webhook/webhook-app.ts';

const PER_SECOND = 20;

/** Since the last time the process was asked. */
export interface Used {
  /** Bytes, now. */
  rss: number;
  /** Time of the CPU. */
  cpuMs: number;
  /** 99th percentile of the event loop's delay, in milliseconds; the delay of timers of a millisecond, so at least that. */
  delayMs: number;
  /** Median. */
  delayP50Ms: number;
  delayMaxMs: number;
}

export interface Held {
  /** Bytes. */
  heap: number;
  /** Handles and requests by kind. */
  resources: Readonly<Record<string, number>>;
  /** Listeners on `process`. */
  listeners: number;
}

let probes = 0;

/** What a process that runs test/app/probe.cjs has used since it was asked last, and what it holds after a collection. */
export function held(app: App): Promise<Used & Held> {
  const probe = ++probes;
  app.send({ probe });
  return app.waitForMessage((message) => (isUsed(message) && isHeld(message) && message.probe === probe ? message : undefined), 60_000);
}

/** What it has used since it was asked last, without touching it. */
export function used(app: App): Promise<Used> {
  const probe = ++probes;
  app.send({ probe, glance: true });
  return app.waitForMessage((message) => (isUsed(message) && message.probe === probe ? message : undefined), 60_000);
}

function isUsed(message: unknown): message is Used & { probe: number } {
  return typeof message === 'object' && message !== null && 'probe' in message && 'rss' in message;
}

function isHeld(message: object): message is Held {
  return 'heap' in message;
}

/** Calls `send` at a steady rate, whether or not there are answers yet, and resolves when all are there. */
export async function sendSteadily(perSecond: number, milliseconds: number, send: () => Promise<void>): Promise<void> {
  const answers: Promise<void>[] = [];
  const end = performance.now() + milliseconds;
  for (let next = performance.now(); next < end; next += 1000 / perSecond) {
    answers.push(send());
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
  await Promise.all(answers);
}

export class Load {
  readonly #app: WebhookApp;
  /** Ids of the webhooks that were answered with 200. */
  readonly accepted: string[] = [];
  /** Answers other than 200, and failures. */
  readonly refused: string[] = [];
  #sent = 0;

  constructor(app: WebhookApp) {
    this.#app = app;
  }

  /** Sends webhooks at a steady rate and resolves when all are answered. */
  async run(milliseconds: number): Promise<void> {
    await sendSteadily(PER_SECOND, milliseconds, () => this.#send());
  }

  async #send(): Promise<void> {
    const id = `evt_${++this.#sent}`;
    try {
      const { status } = await this.#app.send({ id, customerId: `ctm_${(this.#sent % 50) + 1}` });
      if (status === 200) this.accepted.push(id);
      else this.refused.push(`${id}: ${status}`);
    } catch (error) {
      this.refused.push(`${id}: ${String(error)}`);
    }
  }
}

/** Webhooks that the worker has processed to the end. */
export async function countProcessed(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>('SELECT count(*)::int FROM webhook_events WHERE processed_at IS NOT NULL');
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}
