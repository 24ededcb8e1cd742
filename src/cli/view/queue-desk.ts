// The dead letters that the viewer's page lists and replays: a queue is opened when it is asked for,
// and stays open.

import { routeEvents } from '../../logging/event-log.js';
import type { ApiDeadLetter } from '../../view/api.js';
import type { DeadLetters } from '../../view/machine.js';
import { Refusal } from '../../view/refusal.js';
import { type WebhookQueue, WebhookQueueError } from '../../webhooks/library.js';
import { ANSWER_MS, assertAnswers, openQueue } from '../dead-letter-queue.js';

/** A page has no reason to ask for more of them. */
const MAX_OPEN = 20;
const MAX_NAME_LENGTH = 200;
const MAX_REASON_LENGTH = 2_000;

export class QueueDesk implements DeadLetters {
  readonly #url: string;
  readonly #prefix: string;
  readonly #queues = new Map<string, WebhookQueue>();

  constructor(url: string, prefix: string) {
    this.#url = url;
    this.#prefix = prefix;
    routeEvents('off');
  }

  async list(name: string, limit: number): Promise<readonly ApiDeadLetter[] | undefined> {
    const queue = await this.#open(name);
    if (queue === undefined) return undefined;
    const letters = await queue.deadLetters.list({ limit });
    return letters.map(({ id, type, reason, receivedAt, diedAt, replays, store, traceId }) => ({
      id,
      type,
      reason: reason.slice(0, MAX_REASON_LENGTH),
      receivedAt: receivedAt.toISOString(),
      diedAt: diedAt.toISOString(),
      replays,
      store,
      ...(traceId === undefined ? {} : { traceId }),
    }));
  }

  async replay(name: string, id: string): Promise<boolean> {
    const queue = await this.#open(name);
    if (queue === undefined) return false;
    try {
      await queue.deadLetters.replay(id);
      return true;
    } catch (error) {
      if (error instanceof WebhookQueueError && error.code === 'WEBHOOK_DEAD_LETTER_NOT_FOUND') return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#queues.values()].map((queue) => queue.close({ timeoutMs: ANSWER_MS })));
  }

  /** Undefined when there is no such queue. */
  async #open(name: string): Promise<WebhookQueue | undefined> {
    if (name === '' || name.length > MAX_NAME_LENGTH || name.includes(':')) return undefined;
    const known = this.#queues.get(name);
    if (known === undefined && this.#queues.size >= MAX_OPEN) throw new Refusal(503, `more than ${MAX_OPEN} queues are open`);
    try {
      const queue = known ?? openQueue({ name, url: this.#url, prefix: this.#prefix });
      this.#queues.set(name, queue);
      await assertAnswers(queue, false);
      if (await queue.exists()) return queue;
    } catch (error) {
      await this.#forget(name);
      throw new Refusal(502, error instanceof Error ? error.message : 'Redis does not answer');
    }
    await this.#forget(name);
    return undefined;
  }

  async #forget(name: string): Promise<void> {
    const queue = this.#queues.get(name);
    this.#queues.delete(name);
    await queue?.close({ timeoutMs: ANSWER_MS });
  }
}
