// Finds the trace of a webhook's job, and the parent or link of its next run.
import { context, isSpanContextValid, type Link, propagation, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { TraceContext } from '../context/trace-context.js';
import { linkedJobContext, readJobContext, writeJobContext } from '../integrations/queue/job-context.js';
import type { WebhookJobData } from './webhook-event.js';
import type { WebhookJob } from './webhook-store.js';

/** The trace of the request that enqueued it, or the one that sending it began. */
export function traceIdOfJob({ data, opts }: Pick<WebhookJob, 'data' | 'opts'>): string | undefined {
  return data.traceId ?? traceIdOfMetadata(opts.telemetry?.metadata);
}

export function traceIdOfMetadata(metadata: string | undefined): string | undefined {
  const { context: parent, links } = readJobContext(metadata, 'auto', false);
  return trace.getSpanContext(parent)?.traceId ?? links[0]?.context.traceId;
}

/** Links of a replay: to the first trace, and to the request that asks for the replay. */
export function replayLinks({ data, opts }: WebhookJob): Link[] {
  const sent = readJobContext(opts.telemetry?.metadata, 'link', true).links[0]?.context;
  const origin = sent ?? trace.getSpanContext(propagation.extract(ROOT_CONTEXT, data.trace));
  const asker = trace.getActiveSpan()?.spanContext();
  return [origin, asker].flatMap((found) => (found === undefined ? [] : [{ context: found }]));
}

/**
 * Parent of the next run of a replayed job: the span of its replay, or, where no SDK runs
 * (the command), a new trace that is linked to the first one.
 */
export function replayMetadata({ data, opts }: WebhookJob, replaySpan: Span): string | undefined {
  if (isSpanContextValid(replaySpan.spanContext())) return writeJobContext(trace.setSpan(ROOT_CONTEXT, replaySpan), false);
  return linkedJobContext(opts.telemetry?.metadata ?? JSON.stringify(data.trace));
}

/**
 * Runs a job's work in the trace it carries, where no instrumentation of BullMQ has opened a span
 * for it.
 */
export function runInTraceOf<Result>(data: WebhookJobData, work: () => Result): Result {
  if (trace.getSpan(context.active()) !== undefined) return work();
  return TraceContext.fromHeaders(data.replay === undefined ? data.trace : {}).run(work);
}
