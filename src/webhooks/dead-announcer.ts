// Reports each dead letter once: by its worker, or, where that has died, by the next sweep of any
// process. A mark in the job's log prevents a second report, unless the process dies between report
// and mark.
import { keepTraceById } from '../context/trace-recording.js';
import { errorType } from '../integrations/queue/error-type.js';
import { traceIdOfJob } from './job-trace.js';
import type { QueueEvents } from './queue-event.js';
import type { StoreQueue, WebhookJob, WebhookStore } from './webhook-store.js';

const MARK = '{"announced":';
const PAGE = 100;
/** Dead letters that one sweep of a store examines. */
const MAX_SWEPT = 1000;
/** Younger dead letters are left to the worker that had them. */
const GRACE_MS = 5000;
/** Age of the oldest dead letters that the first sweep of a process reports. */
const FIRST_LOOK_BACK_MS = 3_600_000;

export class DeadAnnouncer {
  readonly #queueName: string;
  readonly #events: QueueEvents;
  readonly #sweptUntil = new Map<WebhookStore, number>();
  /** A sweep that takes longer than the time between two would announce twice. */
  readonly #sweeping = new Set<WebhookStore>();

  constructor(queueName: string, events: QueueEvents) {
    this.#queueName = queueName;
    this.#events = events;
  }

  /** Resolves when the mark is written, or can't be. */
  async announce(job: WebhookJob, error: unknown): Promise<void> {
    const traceId = traceIdOfJob(job);
    if (traceId !== undefined) keepTraceById(traceId, 'dead_letter');
    this.#events.notify({
      type: 'dead',
      queue: this.#queueName,
      eventId: job.data.id,
      errorType: errorType(error),
      attempts: job.attemptsMade,
      traceId,
    });
    await job.log(`${MARK}${Date.now()}}`).catch(() => {});
  }

  /** Announces what died unannounced since the last sweep. */
  async sweep(store: WebhookStore): Promise<void> {
    if (this.#sweeping.has(store)) return;
    this.#sweeping.add(store);
    try {
      await this.#sweep(store);
    } finally {
      this.#sweeping.delete(store);
    }
  }

  async #sweep(store: WebhookStore): Promise<void> {
    const queue = await store.queue();
    const now = Date.now();
    const since = this.#sweptUntil.get(store) ?? now - FIRST_LOOK_BACK_MS;
    for (let start = 0; start < MAX_SWEPT; start += PAGE) {
      const jobs = await queue.getFailed(start, start + PAGE - 1);
      const due = jobs.filter((job) => (job.finishedOn ?? 0) > since && (job.finishedOn ?? 0) <= now - GRACE_MS);
      for (const job of due) if (!(await isAnnounced(queue, job))) await this.announce(job, new Error(job.failedReason));
      const oldest = jobs.at(-1)?.finishedOn ?? 0;
      if (jobs.length < PAGE || oldest <= since) break;
    }
    this.#sweptUntil.set(store, now - GRACE_MS);
  }
}

/** Since it died: a replayed event may die again. */
async function isAnnounced(queue: StoreQueue, job: WebhookJob): Promise<boolean> {
  const { logs } = await queue.getJobLogs(job.id ?? '');
  return logs.some((line) => line.startsWith(MARK) && Number.parseInt(line.slice(MARK.length), 10) >= (job.finishedOn ?? 0));
}
