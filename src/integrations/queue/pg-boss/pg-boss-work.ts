// The process span of pg-boss' jobs: one for each call of a handler. A single job continues the
// trace that sent it; a batch has a trace of its own, with a link to each, as in pg-boss' own
// telemetry.
import { type Context, type Link, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { ChildContext } from '../../../context/child-context.js';
import { withCommenterTags } from '../../../context/commenter-tags.js';
import { keepTrace } from '../../../context/trace-recording.js';
import { observePromise } from '../../../observe/observe-promise.js';
import { errorType } from '../error-type.js';
import { insideJob } from '../inner-context.js';
import { readJobContext } from '../job-context.js';
import type { Telemetry } from '../job-tracer.js';
import { JobWork } from '../job-work.js';
import type { KeptMarks } from '../kept-marks.js';
import { ATTR_ATTEMPT, ATTR_BATCH_COUNT, ATTR_MAX_ATTEMPTS, ATTR_MESSAGE_ID, ATTR_OUTCOME, ATTR_WAIT } from '../names.js';
import type { JobOutcome } from '../queue-series.js';
import type { BossInstance } from './boss-database.js';
import type { PgBossContext } from './pg-boss-context.js';
import type { PgBossJob } from './pg-boss-module.js';
import { PgBossRun, retriesOf } from './pg-boss-run.js';

/** What the spans of jobs are made with. */
export interface JobParts {
  readonly telemetry: () => Telemetry;
  readonly carrier: PgBossContext;
  readonly marks: KeptMarks<BossInstance>;
}

/** Calls the app's handler inside the span of what it is given. */
export function traceHandler(parts: JobParts, boss: object, queue: string, jobs: readonly PgBossJob[], handle: () => unknown): unknown {
  const { carrier, marks } = parts;
  const telemetry = parts.telemetry();
  const { context, links } = originOf(telemetry, carrier, jobs);
  const { name, options } = telemetry.spans.process(queue, undefined, undefined);
  const span = telemetry.tracer.startSpan(name, links.length === 0 ? options : { ...options, links }, context);
  if (carrier.leavesProcess) marks.noteTaken(span.spanContext(), trace.getSpanContext(context), boss);
  describe(span, jobs);
  if (jobs.some((job) => (retriesOf(job).count ?? 0) > 0)) keepTrace(span.spanContext(), 'retry');
  for (const job of jobs) telemetry.metrics.consumed(queue, waitOf(job), span.spanContext());
  const ctx = trace.setSpan(new ChildContext(context), span);
  const handling = new Handling(telemetry, queue, jobs, ctx, span);
  return observePromise(handling, withCommenterTags(insideJob(ctx, handling), { queue }), handle);
}

class Handling extends PgBossRun {
  readonly #telemetry: Telemetry;
  readonly #work: JobWork;

  constructor(telemetry: Telemetry, queue: string, given: readonly PgBossJob[], context: Context, span: Span) {
    super(queue, context, given);
    this.#telemetry = telemetry;
    this.#work = new JobWork(context, span);
  }

  override onSettled(failed: boolean, error: unknown): void {
    super.onSettled(failed, error);
    const { span } = this.#work;
    const { metrics } = this.#telemetry;
    const seconds = (performance.now() - this.startedAt) / 1000;
    metrics.processed(this.queue, seconds, failed ? errorType(error) : undefined, span.spanContext());
    for (const job of this.given) {
      const outcome = failed ? failureOf(job) : 'completed';
      if (outcome === undefined) continue;
      metrics.ended(this.queue, outcome);
      if (outcome === 'dead') keepTrace(span.spanContext(), 'dead_letter');
      if (this.given.length === 1) span.setAttribute(ATTR_OUTCOME, outcome);
    }
    this.#work.onSettled(failed, error);
  }
}

function originOf({ mode }: Telemetry, carrier: PgBossContext, jobs: readonly PgBossJob[]): { context: Context; links: Link[] } {
  const carried = jobs.map((job) => carrier.takeFrom(job));
  if (carried.length === 1) return readJobContext(carried[0], mode, false);
  return { context: ROOT_CONTEXT, links: carried.flatMap((metadata) => readJobContext(metadata, 'link', false).links) };
}

function describe(span: Span, jobs: readonly PgBossJob[]): void {
  const [job] = jobs;
  if (job === undefined || jobs.length > 1) {
    span.setAttribute(ATTR_BATCH_COUNT, jobs.length);
    return;
  }
  span.setAttribute(ATTR_MESSAGE_ID, job.id);
  const { count, limit } = retriesOf(job);
  if (count !== undefined) span.setAttribute(ATTR_ATTEMPT, count + 1);
  if (limit !== undefined) span.setAttribute(ATTR_MAX_ATTEMPTS, limit + 1);
  const wait = waitOf(job);
  if (wait !== undefined) span.setAttribute(ATTR_WAIT, wait);
}

/** Known with `includeMetadata` alone. */
function failureOf(job: PgBossJob): JobOutcome | undefined {
  const { count, limit } = retriesOf(job);
  if (count === undefined || limit === undefined) return undefined;
  return count < limit ? 'retried' : 'dead';
}

/** Seconds from when a first attempt was due, by the clock of PostgreSQL for both times. */
function waitOf(job: PgBossJob): number | undefined {
  const due = job.startAfter ?? job.startafter;
  const started = job.startedOn ?? job.startedon;
  if (!(due instanceof Date) || !(started instanceof Date) || (retriesOf(job).count ?? 0) > 0) return undefined;
  return Math.max(0, started.getTime() - due.getTime()) / 1000;
}
