// Attempts that the claim store can't serve are put back, up to a bound; then they fail.
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { routeEvents } from '../../src/index.ts';
import { ClaimError, type ClaimStore } from '../../src/webhooks/claims.ts';
import { JobRunner } from '../../src/webhooks/job-runner.ts';
import { type QueueEvent, QueueEvents } from '../../src/webhooks/queue-event.ts';
import { readOptions } from '../../src/webhooks/read-options.ts';
import { RunTimes } from '../../src/webhooks/run-times.ts';
import type { WebhookJobData } from '../../src/webhooks/webhook-event.ts';
import type { WebhookJob } from '../../src/webhooks/webhook-store.ts';

routeEvents('off');

/** A job that keeps what it is told. */
class StoredJob implements WebhookJob {
  readonly id = 'e-1';
  data: WebhookJobData = { id: '1', type: 'paid', payload: {}, receivedAt: 0, trace: {} };
  readonly opts = { attempts: 4 };
  readonly attemptsMade = 0;
  readonly timestamp = 0;
  readonly failedReason = '';
  delays = 0;
  getState = async () => 'active';
  updateData = async (data: WebhookJobData) => {
    this.data = JSON.parse(JSON.stringify(data));
  };
  log = async () => 1;
  moveToDelayed = async () => {
    this.delays++;
  };
  retry = async () => {};
  remove = async () => {};
}

test.each([
  ['before the processor runs', 'unavailable', false, 2880],
  ['because another is at work', 'busy', false, 2880],
  ['after the processor ran', 'unavailable', true, 5],
] as const)('%s (%s): told each time, and not for ever', async (_when, reason, hasRun, bound) => {
  const claims: ClaimStore = {
    once: async (_queue, _key, work) => {
      if (hasRun) await work(Object.create(null));
      throw new ClaimError(reason);
    },
    forget: async () => {},
    close: async () => {},
  };
  const events: QueueEvent[] = [];
  const settled = readOptions({ name: 'bounded', connection: 'redis://unused', processor: () => {} });
  const told = new QueueEvents((event) => events.push(event));
  const runner = new JobRunner(settled, claims, createRequire(import.meta.url)('bullmq'), new RunTimes(), told);
  const process = runner.forStore('redis');
  const job = new StoredJob();
  const attempt = () =>
    process(job, 'token', undefined).then(
      () => 'done',
      (error: Error) => error.name,
    );
  for (let count = 1; count <= bound; count++) expect(await attempt()).toBe('DelayedError');
  expect(await attempt()).toBe('ClaimError');
  expect(job.delays).toBe(bound);
  expect(events).toHaveLength(bound);
  expect(events.at(-1)).toEqual({ type: 'postponed', queue: 'bounded', eventId: '1', reason, hasRun, count: bound });
});
