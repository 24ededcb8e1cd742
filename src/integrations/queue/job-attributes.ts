// The attributes of a job's spans.
import { type Attributes, type Span, SpanKind, type SpanOptions } from '@opentelemetry/api';
import { constantAttributes } from '../../sdk/trace/constant-attributes.js';
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
  SPAN_PROCESS,
  SPAN_SEND,
  SYSTEM,
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

/** The name and options that spans are started with. */
export interface SpanForm {
  readonly name: string;
  readonly options: SpanOptions;
}

/** Kept at most: an app has few kinds of jobs, and what is made anew for each span is no error. */
const MAX_FORMS = 2000;

/**
 * The names of spans and what all spans of one kind of job have in common: made once, encoded once.
 */
export class SpanForms {
  readonly #forms = new Map<string, Map<string, SpanForm>>();
  #count = 0;

  send(queue: string, operation: string): SpanForm {
    return this.#find(queue, operation) ?? this.#keep(queue, operation, sendForm(queue, operation));
  }

  process(queue: string, job: JobInstance | undefined, attempt: Attempt | undefined): SpanForm {
    const key = job === undefined || attempt === undefined ? '' : `${attempt.number}/${attempt.max} ${job.name}`;
    return this.#find(queue, key) ?? this.#keep(queue, key, processForm(queue, job, attempt));
  }

  #find(queue: string, key: string): SpanForm | undefined {
    return this.#forms.get(queue)?.get(key);
  }

  #keep(queue: string, key: string, form: SpanForm): SpanForm {
    if (this.#count >= MAX_FORMS) return form;
    this.#count++;
    const { attributes } = form.options;
    if (attributes !== undefined) constantAttributes(attributes);
    const ofQueue = this.#forms.get(queue);
    if (ofQueue === undefined) this.#forms.set(queue, new Map([[key, form]]));
    else ofQueue.set(key, form);
    return form;
  }
}

/** The attributes that differ from one job to the next. */
export function describeAttempt(span: Span, job: JobInstance, attempt: Attempt): void {
  if (job.id !== undefined) span.setAttribute(ATTR_MESSAGE_ID, job.id);
  if (attempt.wait !== undefined) span.setAttribute(ATTR_WAIT, attempt.wait);
  if (attempt.isReplay) span.setAttribute(ATTR_REPLAY, true);
}

function sendForm(queue: string, operation: string): SpanForm {
  const attributes = {
    [ATTR_SYSTEM]: SYSTEM,
    [ATTR_DESTINATION]: queue,
    [ATTR_OPERATION_TYPE]: 'send',
    [ATTR_OPERATION_NAME]: operation,
  };
  return { name: `${SPAN_SEND} ${queue}`, options: { kind: SpanKind.PRODUCER, attributes } };
}

function processForm(queue: string, job: JobInstance | undefined, attempt: Attempt | undefined): SpanForm {
  const attributes: Attributes = {
    [ATTR_SYSTEM]: SYSTEM,
    [ATTR_DESTINATION]: queue,
    [ATTR_OPERATION_TYPE]: 'process',
    [ATTR_OPERATION_NAME]: 'process',
  };
  if (job !== undefined && attempt !== undefined) {
    attributes[ATTR_JOB_NAME] = job.name;
    attributes[ATTR_ATTEMPT] = attempt.number;
    attributes[ATTR_MAX_ATTEMPTS] = attempt.max;
  }
  return { name: `${SPAN_PROCESS} ${queue}`, options: { kind: SpanKind.CONSUMER, attributes } };
}

function waitSeconds(job: JobInstance): number | undefined {
  if (job.attemptsMade > 0 || job.timestamp === undefined) return undefined;
  const due = job.timestamp + (job.opts?.delay ?? 0);
  return Math.max(0, (job.processedOn ?? Date.now()) - due) / 1000;
}
