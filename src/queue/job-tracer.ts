// The two spans of a job: `send` where it is added, `process` where it is run. BullMQ's own commands in between become two numbers on them.
import { type Attributes, type Context, context, createContextKey, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import type { CommandTally } from '../context/command-tally.js';
import type { JobInstance, Operation, QueueInstance } from './bullmq-module.js';
import { errorType } from './error-type.js';
import { appContextOf, asApp, talliedContext } from './inner-context.js';
import { type ContextMode, readJobContext, writeJobContext } from './job-context.js';
import { JobSpan } from './job-span.js';
import {
  ATTR_ATTEMPT,
  ATTR_DESTINATION,
  ATTR_JOB_NAME,
  ATTR_MAX_ATTEMPTS,
  ATTR_MESSAGE_ID,
  ATTR_OPERATION_NAME,
  ATTR_OPERATION_TYPE,
  ATTR_OUTCOME,
  ATTR_REDIS_CALLS,
  ATTR_REDIS_TIME,
  ATTR_SYSTEM,
  ATTR_WAIT,
  SPAN_PROCESS,
  SPAN_SEND,
  SYSTEM,
} from './names.js';
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

/** The span of the attempt whose processor is running. */
const CURRENT_JOB = createContextKey('sietch-otel.queue.current-job');

/** Runs `add` and its like in a PRODUCER span. `run` gets the text that carries the context in the job. */
export async function traceSend(telemetry: Telemetry, queue: string, operation: string, linked: boolean, run: Operation): Promise<unknown> {
  const appContext = context.active();
  const started = performance.now();
  const span = telemetry.tracer.startSpan(
    `${SPAN_SEND} ${queue}`,
    { kind: SpanKind.PRODUCER, attributes: operationAttributes(queue, 'send', operation) },
    appContext,
  );
  const jobSpan = new JobSpan(span);
  const sendContext = trace.setSpan(appContext, span);
  const inner = talliedContext(sendContext);
  try {
    const metadata = writeJobContext(sendContext, linked || telemetry.mode === 'link');
    return await context.with(inner.context, () => run(jobSpan, metadata));
  } catch (error) {
    jobSpan.fail(errorType(error));
    throw error;
  } finally {
    endSpan(jobSpan, inner.tally);
    telemetry.metrics.sent(queue, operation, jobSpan.count, secondsSince(started), jobSpan.errorType);
  }
}

/** Runs one attempt in a CONSUMER span that continues or links the context the job carries. */
export async function traceProcess(telemetry: Telemetry, queue: string, run: Operation, metadata: string | undefined): Promise<unknown> {
  const origin = readJobContext(metadata, telemetry.mode);
  const span = telemetry.tracer.startSpan(
    `${SPAN_PROCESS} ${queue}`,
    { kind: SpanKind.CONSUMER, attributes: operationAttributes(queue, 'process', 'process'), links: origin.links },
    origin.context,
  );
  const jobSpan = new JobSpan(span);
  const appContext = trace.setSpan(origin.context, span).setValue(CURRENT_JOB, jobSpan);
  const inner = talliedContext(appContext);
  telemetry.metrics.consumed(queue);
  try {
    return await context.with(inner.context, () => run(jobSpan));
  } catch (error) {
    jobSpan.fail(errorType(error));
    throw error;
  } finally {
    endSpan(jobSpan, inner.tally);
  }
}

/** Runs the processor as the app's code inside the attempt's span. */
export async function traceProcessor(
  telemetry: Telemetry,
  queue: QueueInstance,
  job: JobInstance,
  run: () => Promise<unknown>,
): Promise<unknown> {
  const jobSpan = currentJob(appContextOf(context.active()) ?? context.active());
  const wait = waitSeconds(job);
  if (wait !== undefined) telemetry.metrics.waited(queue.name, wait);
  jobSpan?.span.setAttributes(attemptAttributes(job, wait));
  const started = performance.now();
  let failure: string | undefined;
  try {
    return await asApp(run);
  } catch (error) {
    if (isFailure(error)) {
      failure = errorType(error);
      jobSpan?.fail(failure);
    }
    throw error;
  } finally {
    telemetry.metrics.processed(queue.name, secondsSince(started), failure);
  }
}

/** Notes how the attempt ended, as BullMQ's own event says it. */
export function traceOutcome(telemetry: Telemetry, queue: string, outcome: JobOutcome): void {
  telemetry.metrics.ended(queue, outcome);
  const app = appContextOf(context.active());
  if (app !== undefined) currentJob(app)?.span.setAttribute(ATTR_OUTCOME, outcome);
}

function currentJob(appContext: Context): JobSpan | undefined {
  const value: unknown = appContext.getValue(CURRENT_JOB);
  return value instanceof JobSpan ? value : undefined;
}

function operationAttributes(queue: string, type: string, operation: string): Attributes {
  return { [ATTR_SYSTEM]: SYSTEM, [ATTR_DESTINATION]: queue, [ATTR_OPERATION_TYPE]: type, [ATTR_OPERATION_NAME]: operation };
}

function attemptAttributes(job: JobInstance, wait: number | undefined): Attributes {
  const attributes: Attributes = {
    [ATTR_JOB_NAME]: job.name,
    [ATTR_ATTEMPT]: job.attemptsMade + 1,
    [ATTR_MAX_ATTEMPTS]: Math.max(1, job.opts?.attempts ?? 1),
  };
  if (job.id !== undefined) attributes[ATTR_MESSAGE_ID] = job.id;
  if (wait !== undefined) attributes[ATTR_WAIT] = wait;
  return attributes;
}

/** Seconds between the time the job was due and now; only the first attempt has waited for a worker alone. */
function waitSeconds(job: JobInstance): number | undefined {
  if (job.attemptsMade > 0 || job.timestamp === undefined) return undefined;
  const due = job.timestamp + (job.opts?.delay ?? 0);
  return Math.max(0, (job.processedOn ?? Date.now()) - due) / 1000;
}

function isFailure(error: unknown): boolean {
  return !(error instanceof Error) || (!NOT_FAILED.has(error.name) && error.message !== RATE_LIMIT_MESSAGE);
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
