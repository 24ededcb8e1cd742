// The two spans of a job: `send` where it is added, `process` where it is run. BullMQ's own
// commands in between become two numbers on them. Plain functions, that hand on the promises they
// get: each `async` one would make promises of its own for each job, which context follows at a
// price.
import { type Context, type Span, type Tracer, trace } from '@opentelemetry/api';
import { ChildContext } from '../../context/child-context.js';
import { withCommenterTags } from '../../context/commenter-tags.js';
import { activeContext } from '../../context/context-manager.js';
import { keepTrace } from '../../context/trace-recording.js';
import { observePromise, type PromiseObserver } from '../../observe/observe-promise.js';
import type { JobInstance, Operation, QueueInstance } from './bullmq-module.js';
import { errorType } from './error-type.js';
import { appContextOf, insideJob } from './inner-context.js';
import { type Attempt, attemptOf, describeAttempt, type JobSpans, sendOperation } from './job-attributes.js';
import { type ContextMode, readJobContext, writeJobContext } from './job-context.js';
import { lockedUntil } from './job-lock.js';
import { JobRun, type RunningJob } from './job-run.js';
import { JobWork, jobWorkOf } from './job-work.js';
import type { KeptMarks } from './kept-marks.js';
import { ATTR_OUTCOME } from './names.js';
import type { QueueMetrics } from './queue-metrics.js';
import type { JobOutcome } from './queue-series.js';
import { Sending } from './sending.js';

/** The current tracer, metrics and settings of the instrumentation. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly metrics: QueueMetrics;
  readonly spans: JobSpans;
  readonly mode: ContextMode;
  /** Undefined where the queue is in no Redis. */
  readonly marks: KeptMarks<QueueInstance> | undefined;
}

/**
 * Gives the telemetry of an instrumentation. Read at each job: the SDK hands over tracer and meter
 * after the patching.
 */
export function currentTelemetry(
  tracer: () => Tracer,
  metrics: () => QueueMetrics,
  { spans, mode, marks }: Pick<Telemetry, 'spans' | 'mode' | 'marks'>,
): () => Telemetry {
  let current: Telemetry | undefined;
  return () => {
    if (current?.tracer !== tracer() || current.metrics !== metrics()) {
      current = { tracer: tracer(), metrics: metrics(), spans, mode, marks };
    }
    return current;
  };
}

/** BullMQ's ways to put a job back that are no failure. */
const NOT_FAILED: ReadonlySet<string> = new Set(['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError']);
const RATE_LIMIT_MESSAGE = 'bullmq:rateLimitExceeded';

/**
 * Runs `add` and its like in a PRODUCER span. `run` gets the text that carries the context in the
 * job.
 * @param method of the library
 * @param store the queue, where its jobs continue the trace
 */
export function traceSend(
  telemetry: Telemetry,
  queue: string,
  method: string,
  linked: boolean,
  run: Operation,
  store?: QueueInstance,
): unknown {
  const appContext = activeContext();
  const { name, options } = telemetry.spans.send(queue, method);
  const span = telemetry.tracer.startSpan(name, options, appContext);
  const sendContext = withSpan(appContext, span);
  const isLinked = linked || telemetry.mode === 'link';
  if (store !== undefined && !isLinked) telemetry.marks?.noteSent(span.spanContext(), store);
  const work = new Sending(sendContext, span, telemetry.metrics, queue, sendOperation(method));
  return observePromise(work, work, run, work, writeJobContext(sendContext, isLinked));
}

/**
 * Runs one attempt in a CONSUMER span that continues or links the context the job carries. BullMQ
 * gets no span to write to: it would make each result of a job to JSON for it.
 */
export function traceProcess(
  telemetry: Telemetry,
  queue: string,
  job: JobInstance | undefined,
  run: Operation,
  metadata: string | undefined,
  store: QueueInstance,
): unknown {
  const attempt = job === undefined ? undefined : attemptOf(job);
  const origin = readJobContext(metadata, telemetry.mode, attempt?.isReplay === true);
  const { name, options } = telemetry.spans.process(queue, job, attempt);
  const span = telemetry.tracer.startSpan(name, origin.links.length === 0 ? options : { ...options, links: origin.links }, origin.context);
  telemetry.marks?.noteTaken(span.spanContext(), trace.getSpanContext(origin.context), store);
  if (job !== undefined && attempt !== undefined) {
    describeAttempt(span, job, attempt);
    keepUnusual(span, job, attempt);
  }
  telemetry.metrics.consumed(queue, attempt?.wait, span.spanContext());
  const work = new JobWork(withSpan(origin.context, span), span);
  return observePromise(work, work, run);
}

/** Something went wrong before, or this attempt would not be. */
function keepUnusual(span: Span, job: JobInstance, attempt: Attempt): void {
  if ((job.stalledCounter ?? 0) > 0) keepTrace(span.spanContext(), 'stalled');
  else if (attempt.number > 1) keepTrace(span.spanContext(), 'retry');
}

/** Calls the app's processor. */
type Processor<Worker> = (this: Worker, job: JobInstance, ...rest: unknown[]) => unknown;

/** Runs the processor as the app's code inside the attempt's span. */
export function traceProcessor<Worker extends { readonly name: string }>(
  telemetry: Telemetry,
  worker: Worker,
  job: JobInstance,
  rest: unknown[],
  processor: Processor<Worker>,
): unknown {
  const active = activeContext();
  const app = appContextOf(active);
  const queue = worker.name;
  const processing = new Processing(telemetry.metrics, worker, job, active, app);
  const ctx = app === undefined ? insideJob(active, processing) : withCommenterTags(insideJob(app, processing), { queue, job: job.name });
  return observePromise(processing, ctx, callProcessor<Worker>, processor, worker, job, rest);
}

function callProcessor<Worker>(processor: Processor<Worker>, worker: Worker, job: JobInstance, rest: unknown[]): unknown {
  return processor.call(worker, job, ...rest);
}

class Processing extends JobRun implements PromiseObserver {
  readonly innerContext: Context | undefined;
  readonly #metrics: QueueMetrics;
  readonly #worker: { readonly name: string };
  readonly #job: JobInstance;
  readonly #active: Context;

  /**
   * @param active the context of the attempt
   * @param app the app's behind it; undefined where the spans are not ours
   */
  constructor(metrics: QueueMetrics, worker: { readonly name: string }, job: JobInstance, active: Context, app: Context | undefined) {
    super(worker.name, app ?? active);
    this.#metrics = metrics;
    this.#worker = worker;
    this.#job = job;
    this.#active = active;
    this.innerContext = app === undefined ? undefined : active;
    const work = jobWorkOf(active);
    if (work !== undefined) work.run = this;
  }

  get jobs(): readonly RunningJob[] {
    const job = this.#job;
    return [{ id: job.id, attempt: attemptOf(job).number, progress: job.progress, lockedUntil: lockedUntil(this.#worker, job) }];
  }

  onSettled(failed: boolean, error: unknown): void {
    this.ended();
    const work = jobWorkOf(this.#active);
    const failure = failed && isFailure(error) ? errorType(error) : undefined;
    if (failure !== undefined) work?.fail(failure);
    const span = work === undefined ? trace.getSpanContext(this.#active) : work.span.spanContext();
    this.#metrics.processed(this.queue, secondsSince(this.startedAt), failure, span);
  }
}

/** Records the outcome of the attempt, by BullMQ's own event. */
export function traceOutcome(telemetry: Telemetry, queue: string, outcome: JobOutcome): void {
  telemetry.metrics.ended(queue, outcome);
  const span = jobWorkOf(activeContext())?.span;
  if (outcome === 'dead') keepTrace(span?.spanContext(), 'dead_letter');
  span?.setAttribute(ATTR_OUTCOME, outcome);
}

/** The SDK's contexts copy all they hold for each value; ours does not. */
function withSpan(parent: Context, span: Span): Context {
  return trace.setSpan(parent instanceof ChildContext ? parent : new ChildContext(parent), span);
}

function isFailure(error: unknown): boolean {
  try {
    return !(error instanceof Error) || (!NOT_FAILED.has(error.name) && error.message !== RATE_LIMIT_MESSAGE);
  } catch {
    return true;
  }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
