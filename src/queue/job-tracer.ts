// The two spans of a job: `send` where it is added, `process` where it is run. BullMQ's own commands in between become two numbers on them.
// Plain functions, that hand on the promises they get: each `async` one would make promises of its own for each job, which context follows at a price.
import { type Context, type Span, type Tracer, trace } from '@opentelemetry/api';
import { ChildContext } from '../context/child-context.js';
import { activeContext, runInContext } from '../context/context-manager.js';
import { withWork } from '../context/work.js';
import type { JobInstance, Operation } from './bullmq-module.js';
import { errorType } from './error-type.js';
import { appContextOf, insideJob, JobContext, jobSpanOf } from './inner-context.js';
import { attemptOf, describeAttempt, type SpanForms } from './job-attributes.js';
import { type ContextMode, readJobContext, writeJobContext } from './job-context.js';
import { JobSpan } from './job-span.js';
import { ATTR_OUTCOME, ATTR_REDIS_CALLS, ATTR_REDIS_TIME } from './names.js';
import type { JobOutcome, QueueMetrics } from './queue-metrics.js';
import { whenSettled } from './settled.js';

/** What a tracer needs; the instrumentation gives the current ones. */
export interface Telemetry {
  readonly tracer: Tracer;
  readonly metrics: QueueMetrics;
  readonly forms: SpanForms;
  readonly mode: ContextMode;
}

/** BullMQ's ways to put a job back that are no failure. */
const NOT_FAILED: ReadonlySet<string> = new Set(['DelayedError', 'WaitingError', 'WaitingChildrenError', 'RateLimitError']);
const RATE_LIMIT_MESSAGE = 'bullmq:rateLimitExceeded';

/** Runs `add` and its like in a PRODUCER span. `run` gets the text that carries the context in the job. */
export function traceSend(telemetry: Telemetry, queue: string, operation: string, linked: boolean, run: Operation): unknown {
  const started = performance.now();
  const appContext = activeContext();
  const { name, options } = telemetry.forms.send(queue, operation);
  const span = telemetry.tracer.startSpan(name, options, appContext);
  const sendContext = withSpan(appContext, span);
  const inner = new JobContext(sendContext, new JobSpan(span, false));
  return whenSettled(
    () => runInContext(inner, run, inner.span, writeJobContext(sendContext, linked || telemetry.mode === 'link')),
    (failed, error) => {
      endSpan(inner, failed, error);
      const { count, errorType: type } = inner.span;
      telemetry.metrics.sent(queue, operation, count, { seconds: secondsSince(started), errorType: type, span: span.spanContext() });
    },
  );
}

/** Runs one attempt in a CONSUMER span that continues or links the context the job carries. */
export function traceProcess(
  telemetry: Telemetry,
  queue: string,
  job: JobInstance | undefined,
  run: Operation,
  metadata: string | undefined,
): unknown {
  const attempt = job === undefined ? undefined : attemptOf(job);
  const origin = readJobContext(metadata, telemetry.mode, attempt?.isReplay === true);
  const { name, options } = telemetry.forms.process(queue, job, attempt);
  const span = telemetry.tracer.startSpan(name, origin.links.length === 0 ? options : { ...options, links: origin.links }, origin.context);
  if (job !== undefined && attempt !== undefined) describeAttempt(span, job, attempt);
  const inner = new JobContext(withSpan(origin.context, span), new JobSpan(span, job !== undefined));
  telemetry.metrics.consumed(queue);
  if (attempt?.wait !== undefined) telemetry.metrics.waited(queue, attempt.wait, span.spanContext());
  return whenSettled(
    () => runInContext(inner, run, inner.span),
    (failed, error) => endSpan(inner, failed, error),
  );
}

/** Runs the processor as the app's code inside the attempt's span. */
export function traceProcessor(telemetry: Telemetry, queue: string, job: JobInstance, run: () => unknown): unknown {
  const active = activeContext();
  const app = appContextOf(active);
  const started = performance.now();
  return whenSettled(
    () => (app === undefined ? run() : runInContext(withWork(insideJob(app, active), { queue, job: job.name }), run)),
    (failed, error) => {
      const failure = failed && isFailure(error) ? errorType(error) : undefined;
      if (failure !== undefined && app !== undefined) jobSpanOf(active)?.fail(failure);
      const span = trace.getSpanContext(app ?? active);
      telemetry.metrics.processed(queue, { seconds: secondsSince(started), errorType: failure, span });
    },
  );
}

/** Notes how the attempt ended, as BullMQ's own event says it. */
export function traceOutcome(telemetry: Telemetry, queue: string, outcome: JobOutcome): void {
  telemetry.metrics.ended(queue, outcome);
  jobSpanOf(activeContext())?.span.setAttribute(ATTR_OUTCOME, outcome);
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

function endSpan({ span: jobSpan, calls, timeMs }: JobContext, failed: boolean, error: unknown): void {
  const { span } = jobSpan;
  if (failed) jobSpan.fail(errorType(error));
  if (calls > 0) {
    span.setAttribute(ATTR_REDIS_CALLS, calls);
    span.setAttribute(ATTR_REDIS_TIME, timeMs / 1000);
  }
  span.end();
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
