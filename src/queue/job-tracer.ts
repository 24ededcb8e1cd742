// The two spans of a job: `send` where it is added, `process` where it is run. BullMQ's own commands in between become two numbers on them.
import { type Context, createContextKey, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import type { CommandTally } from '../context/command-tally.js';
import { activeContext, runInContext } from '../context/context-manager.js';
import { withWork } from '../context/work.js';
import type { JobInstance, Operation } from './bullmq-module.js';
import { ChildContext } from './child-context.js';
import { errorType } from './error-type.js';
import { appContextOf, insideJob, talliedContext } from './inner-context.js';
import { attemptOf, processAttributes, sendAttributes } from './job-attributes.js';
import { type ContextMode, readJobContext, writeJobContext } from './job-context.js';
import { JobSpan } from './job-span.js';
import { ATTR_OUTCOME, ATTR_REDIS_CALLS, ATTR_REDIS_TIME, SPAN_PROCESS, SPAN_SEND } from './names.js';
import type { JobOutcome, QueueMetrics } from './queue-metrics.js';

/** What a tracer needs; the instrumentation gives the current ones. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly metrics: QueueMetrics;
  readonly mode: ContextMode;
}

/** BullMQ's ways to put a job back that are no failure. */
const NOT_FAILED: ReadonlySet<string> = new Set(['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError']);
const RATE_LIMIT_MESSAGE = 'bullmq:rateLimitExceeded';

/** The span of the attempt that a context is part of. */
const CURRENT_JOB = createContextKey('sietch-otel.queue.current-job');

/** Runs `add` and its like in a PRODUCER span. `run` gets the text that carries the context in the job. */
export async function traceSend(telemetry: Telemetry, queue: string, operation: string, linked: boolean, run: Operation): Promise<unknown> {
  const started = performance.now();
  const appContext = activeContext();
  const options = { kind: SpanKind.PRODUCER, attributes: sendAttributes(queue, operation) };
  const span = telemetry.tracer.startSpan(`${SPAN_SEND} ${queue}`, options, appContext);
  const jobSpan = new JobSpan(span, false);
  const sendContext = trace.setSpan(appContext, span);
  const inner = talliedContext(sendContext);
  try {
    const metadata = writeJobContext(sendContext, linked || telemetry.mode === 'link');
    return await runInContext(inner.context, run, jobSpan, metadata);
  } catch (error) {
    jobSpan.fail(errorType(error));
    throw error;
  } finally {
    endSpan(jobSpan, inner.tally);
    telemetry.metrics.sent(queue, operation, jobSpan.count, secondsSince(started), jobSpan.errorType);
  }
}

/** Runs one attempt in a CONSUMER span that continues or links the context the job carries. */
export async function traceProcess(
  telemetry: Telemetry,
  queue: string,
  job: JobInstance | undefined,
  run: Operation,
  metadata: string | undefined,
): Promise<unknown> {
  const attempt = job === undefined ? undefined : attemptOf(job);
  const origin = readJobContext(metadata, telemetry.mode, attempt?.isReplay === true);
  const options = { kind: SpanKind.CONSUMER, attributes: processAttributes(queue, job, attempt), links: origin.links };
  const span = telemetry.tracer.startSpan(`${SPAN_PROCESS} ${queue}`, options, origin.context);
  const jobSpan = new JobSpan(span, job !== undefined);
  const inner = talliedContext(trace.setSpan(new ChildContext(origin.context, CURRENT_JOB, jobSpan), span));
  telemetry.metrics.consumed(queue);
  if (attempt?.wait !== undefined) telemetry.metrics.waited(queue, attempt.wait);
  try {
    return await runInContext(inner.context, run, jobSpan);
  } catch (error) {
    jobSpan.fail(errorType(error));
    throw error;
  } finally {
    endSpan(jobSpan, inner.tally);
  }
}

/** Runs the processor as the app's code inside the attempt's span. */
export async function traceProcessor(telemetry: Telemetry, queue: string, job: JobInstance, run: () => Promise<unknown>): Promise<unknown> {
  const active = activeContext();
  const app = appContextOf(active);
  const started = performance.now();
  let failure: string | undefined;
  try {
    return await (app === undefined ? run() : runInContext(withWork(insideJob(app, active), { queue, job: job.name }), run));
  } catch (error) {
    if (isFailure(error)) {
      failure = errorType(error);
      if (app !== undefined) currentJob(app)?.fail(failure);
    }
    throw error;
  } finally {
    telemetry.metrics.processed(queue, secondsSince(started), failure);
  }
}

/** Notes how the attempt ended, as BullMQ's own event says it. */
export function traceOutcome(telemetry: Telemetry, queue: string, outcome: JobOutcome): void {
  telemetry.metrics.ended(queue, outcome);
  const app = appContextOf(activeContext());
  if (app !== undefined) currentJob(app)?.span.setAttribute(ATTR_OUTCOME, outcome);
}

function currentJob(appContext: Context): JobSpan | undefined {
  const value: unknown = appContext.getValue(CURRENT_JOB);
  return value instanceof JobSpan ? value : undefined;
}

function isFailure(error: unknown): boolean {
  try {
    return !(error instanceof Error) || (!NOT_FAILED.has(error.name) && error.message !== RATE_LIMIT_MESSAGE);
  } catch {
    return true;
  }
}

function endSpan(jobSpan: JobSpan, tally: CommandTally): void {
  if (tally.calls > 0) {
    jobSpan.span.setAttribute(ATTR_REDIS_CALLS, tally.calls);
    jobSpan.span.setAttribute(ATTR_REDIS_TIME, tally.timeMs / 1000);
  }
  jobSpan.span.end();
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
