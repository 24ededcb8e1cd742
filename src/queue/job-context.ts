// The trace context inside a job: JSON text in BullMQ's `telemetry.metadata`, in the same shape as bullmq-otel's, so that both understand each other.
import { type Context, type Link, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';

export type ContextMode = 'auto' | 'parent' | 'link';

/** Says to the consumer: link, don't continue. */
const LINK_KEY = 'sietch-link';
const MAX_METADATA_LENGTH = 8192;

/** What a consumer span starts from. */
export interface JobOrigin {
  /** Parent context; a root (with baggage, if any) when the job is linked or came without a trace. */
  readonly context: Context;
  readonly links: Link[];
}

/** The text for a job that is sent from `sendContext`. */
export function writeJobContext(sendContext: Context, linked: boolean): string {
  const carrier: Record<string, string> = {};
  propagation.inject(sendContext, carrier);
  if (linked) carrier[LINK_KEY] = '1';
  return JSON.stringify(carrier);
}

/** The same context, to be linked and not continued; undefined where there is none. */
export function linkedJobContext(metadata: unknown): string | undefined {
  const carrier = parseCarrier(metadata);
  return carrier === undefined ? undefined : JSON.stringify({ ...carrier, [LINK_KEY]: '1' });
}

/**
 * Reads what any producer wrote; what is not understood counts as no context.
 * @param isReplay the job is run again long after its trace: in `auto` mode it is linked
 */
export function readJobContext(metadata: unknown, mode: ContextMode, isReplay: boolean): JobOrigin {
  const carrier = parseCarrier(metadata);
  if (carrier === undefined) return { context: ROOT_CONTEXT, links: [] };
  const extracted = propagation.extract(ROOT_CONTEXT, carrier);
  const linked = mode === 'link' || (mode === 'auto' && (isReplay || carrier[LINK_KEY] === '1'));
  const origin = trace.getSpanContext(extracted);
  if (!linked || origin === undefined) return { context: extracted, links: [] };
  return { context: trace.deleteSpan(extracted), links: [{ context: origin }] };
}

function parseCarrier(metadata: unknown): Record<string, string> | undefined {
  if (typeof metadata !== 'string' || metadata.length > MAX_METADATA_LENGTH) return undefined;
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const carrier: Record<string, string> = {};
    for (const [key, value] of Object.entries(parsed)) if (typeof value === 'string') carrier[key] = value;
    return carrier;
  } catch {
    return undefined;
  }
}
