// What the spans of a job say about it.
import type { Attributes } from '@opentelemetry/api';
import type { JobInstance } from './bullmq-module.js';
import {
  ATTR_ATTEMPT,
  ATTR_DESTINATION,
  ATTR_JOB_NAME,
  ATTR_MAX_ATTEMPTS,
  ATTR_MESSAGE_ID,
  ATTR_OPERATION_NAME,
  ATTR_OPERATION_TYPE,
  ATTR_REPLAY,
  ATTR_SYSTEM,
  ATTR_WAIT,
  SYSTEM,
} from './names.js';

/** One attempt, as it begins. */
export interface Attempt {
  readonly number: number;
  readonly max: number;
  /** Seconds between the time the job was due and now; only a first attempt has waited for a worker alone. */
  readonly wait: number | undefined;
  /** Somebody put the job back after its attempts were used up. */
  readonly isReplay: boolean;
}

export function attemptOf(job: JobInstance): Attempt {
  const max = Math.max(1, job.opts?.attempts ?? 1);
  // Starts that were not asked for: the worker before died.
  const starts = (job.attemptsStarted ?? 0) - (job.stalledCounter ?? 0);
  return { number: job.attemptsMade + 1, max, wait: waitSeconds(job), isReplay: job.attemptsMade >= max || starts > max };
}

export function sendAttributes(queue: string, operation: string): Attributes {
  return { [ATTR_SYSTEM]: SYSTEM, [ATTR_DESTINATION]: queue, [ATTR_OPERATION_TYPE]: 'send', [ATTR_OPERATION_NAME]: operation };
}

export function processAttributes(queue: string, job: JobInstance | undefined, attempt: Attempt | undefined): Attributes {
  const attributes: Attributes = {
    [ATTR_SYSTEM]: SYSTEM,
    [ATTR_DESTINATION]: queue,
    [ATTR_OPERATION_TYPE]: 'process',
    [ATTR_OPERATION_NAME]: 'process',
  };
  if (job === undefined || attempt === undefined) return attributes;
  attributes[ATTR_JOB_NAME] = job.name;
  if (job.id !== undefined) attributes[ATTR_MESSAGE_ID] = job.id;
  attributes[ATTR_ATTEMPT] = attempt.number;
  attributes[ATTR_MAX_ATTEMPTS] = attempt.max;
  if (attempt.wait !== undefined) attributes[ATTR_WAIT] = attempt.wait;
  if (attempt.isReplay) attributes[ATTR_REPLAY] = true;
  return attributes;
}

function waitSeconds(job: JobInstance): number | undefined {
  if (job.attemptsMade > 0 || job.timestamp === undefined) return undefined;
  const due = job.timestamp + (job.opts?.delay ?? 0);
  return Math.max(0, (job.processedOn ?? Date.now()) - due) / 1000;
}
