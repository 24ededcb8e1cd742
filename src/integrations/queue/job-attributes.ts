// The attributes of a job's spans.
import { type Attributes, type Span, SpanKind } from '@opentelemetry/api';
import { HAS_NAMES_OF_0_1 } from '../../config/renamed-names.js';
import { createSpanModel, type SpanModel } from '../../observe/span-model.js';
import type { JobInstance } from './bullmq-module.js';
import {
  ATTR_ATTEMPT,
  ATTR_DESTINATION,
  ATTR_JOB_NAME,
  ATTR_MAX_ATTEMPTS,
  ATTR_MESSAGE_ID,
  ATTR_METHOD,
  ATTR_OPERATION_NAME,
  ATTR_OPERATION_TYPE,
  ATTR_REPLAY,
  ATTR_SYSTEM,
  ATTR_WAIT,
  OPERATION_PROCESS,
  OPERATION_SEND,
} from './names.js';

/** One attempt, as it begins. */
export interface Attempt {
  readonly number: number;
  readonly max: number;
  /**
   * Seconds between the time the job was due and now; only a first attempt has waited for a worker
   * alone.
   */
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

/** Kept at most: an app has few kinds of jobs, and what is made anew for each span is no error. */
const MAX_MODELS = 2000;

/**
 * The names of spans and what all spans of one kind of job have in common: made once, encoded once.
 */
export class JobSpans {
  readonly #system: string;
  readonly #models = new Map<string, Map<string, SpanModel>>();
  #count = 0;

  /** @param system `messaging.system.name` */
  constructor(system: string) {
    this.#system = system;
  }

  /** @param method of the library */
  send(queue: string, method: string): SpanModel {
    return this.#find(queue, method) ?? this.#keep(queue, method, sendModel(this.#system, queue, method));
  }

  process(queue: string, job: JobInstance | undefined, attempt: Attempt | undefined): SpanModel {
    const key = job === undefined || attempt === undefined ? '' : `${attempt.number}/${attempt.max} ${job.name}`;
    return this.#find(queue, key) ?? this.#keep(queue, key, processModel(this.#system, queue, job, attempt));
  }

  #find(queue: string, key: string): SpanModel | undefined {
    return this.#models.get(queue)?.get(key);
  }

  #keep(queue: string, key: string, model: SpanModel): SpanModel {
    if (this.#count >= MAX_MODELS) return model;
    this.#count++;
    const ofQueue = this.#models.get(queue);
    if (ofQueue === undefined) this.#models.set(queue, new Map([[key, model]]));
    else ofQueue.set(key, model);
    return model;
  }
}

/** The attributes that differ from one job to the next. */
export function describeAttempt(span: Span, job: JobInstance, attempt: Attempt): void {
  if (job.id !== undefined) span.setAttribute(ATTR_MESSAGE_ID, job.id);
  if (attempt.wait !== undefined) span.setAttribute(ATTR_WAIT, attempt.wait);
  if (attempt.isReplay) span.setAttribute(ATTR_REPLAY, true);
}

/** The name of the operation in which a method of the library sends. */
export function sendOperation(method: string): string {
  return HAS_NAMES_OF_0_1 ? method : OPERATION_SEND;
}

function sendModel(system: string, queue: string, method: string): SpanModel {
  const attributes = {
    [ATTR_SYSTEM]: system,
    [ATTR_DESTINATION]: queue,
    [ATTR_OPERATION_TYPE]: OPERATION_SEND,
    [ATTR_OPERATION_NAME]: sendOperation(method),
    [ATTR_METHOD]: method,
  };
  return createSpanModel(`${OPERATION_SEND} ${queue}`, SpanKind.PRODUCER, attributes);
}

function processModel(system: string, queue: string, job: JobInstance | undefined, attempt: Attempt | undefined): SpanModel {
  const attributes: Attributes = {
    [ATTR_SYSTEM]: system,
    [ATTR_DESTINATION]: queue,
    [ATTR_OPERATION_TYPE]: OPERATION_PROCESS,
    [ATTR_OPERATION_NAME]: OPERATION_PROCESS,
  };
  if (job !== undefined && attempt !== undefined) {
    attributes[ATTR_JOB_NAME] = job.name;
    attributes[ATTR_ATTEMPT] = attempt.number;
    attributes[ATTR_MAX_ATTEMPTS] = attempt.max;
  }
  return createSpanModel(`${OPERATION_PROCESS} ${queue}`, SpanKind.CONSUMER, attributes);
}

function waitSeconds(job: JobInstance): number | undefined {
  if (job.attemptsMade > 0 || job.timestamp === undefined) return undefined;
  const due = job.timestamp + (job.opts?.delay ?? 0);
  return Math.max(0, (job.processedOn ?? Date.now()) - due) / 1000;
}
