// The trace context inside a job: JSON text in BullMQ's `telemetry.metadata`, in the same shape as
// bullmq-otel's, so that both understand each other.
import { type Context, type Link, propagation, ROOT_CONTEXT, type TextMapGetter, trace } from '@opentelemetry/api';
import { ChildContext } from '../../context/child-context.js';
import { contextConfiguration } from '../../context/configuration.js';
import { RECORDED_MEMBER, RECORDED_STATE } from '../../context/recorded-mark.js';
import { parseTraceState, validTraceState } from '../../context/trace-state.js';
import { parseTraceparent, writeTraceparent } from '../../context/traceparent.js';
import { parentOf } from '../../sdk/trace/tracer.js';
import type { JobOptions } from './bullmq-module.js';

export type ContextMode = 'auto' | 'parent' | 'link';

/** Says to the consumer: link, don't continue. */
const LINK_KEY = 'sietch-link';
const MAX_METADATA_LENGTH = 8192;
/** As it was parsed. */
type Carrier = Readonly<Record<string, unknown>>;

/** The parent and links of a consumer span. */
export interface JobOrigin {
  /**
   * Parent context; a root (with baggage, if any) when the job is linked or came without a trace.
   */
  readonly context: Context;
  readonly links: Link[];
}

const NO_ORIGIN: JobOrigin = { context: ROOT_CONTEXT, links: [] };

/** The text for a job that is sent from `sendContext`. */
export function writeJobContext(sendContext: Context, linked: boolean): string {
  const short = linked ? undefined : writeTraceParent(sendContext);
  if (short !== undefined) return short;
  const carrier: Record<string, string> = {};
  propagation.inject(sendContext, carrier);
  if (linked) carrier[LINK_KEY] = '1';
  return JSON.stringify(carrier);
}

/**
 * `options` of a job with its context, under the name that it is stored by: the option for it has
 * had three names since there is one.
 */
export function withJobContext(options: JobOptions | undefined, metadata: string | undefined): JobOptions | undefined {
  const own = options?.telemetry;
  if (metadata === undefined || own?.metadata !== undefined || own?.omitContext === true) return options;
  return { ...options, tm: metadata };
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
  const short = readTraceParent(metadata);
  const carrier = short === undefined ? parseCarrier(metadata) : undefined;
  if (short === undefined && carrier === undefined) return NO_ORIGIN;
  const extracted = short ?? propagation.extract(ROOT_CONTEXT, carrier, GETTER);
  const linked = mode === 'link' || (mode === 'auto' && (isReplay || carrier?.[LINK_KEY] === '1'));
  const origin = trace.getSpanContext(extracted);
  if (!linked || origin === undefined) return { context: extracted, links: [] };
  return { context: trace.deleteSpan(extracted), links: [{ context: origin }] };
}

// Most jobs carry a `traceparent`, and a `tracestate` where a share of the traces is sampled or the flight recorder is on. Under the default propagators
// the text is written and read without them: they, the JSON and the copies in between are the dearest part of a job's context.

const TRACE_PARENT = /^\{"traceparent":"(00-[0-9a-f-]{52})"(?:,"tracestate":"([^"\\]+)")?\}$/;

/** Undefined where there is more to carry. */
function writeTraceParent(sendContext: Context): string | undefined {
  const spanContext = parentOf(trace.getSpan(sendContext));
  if (spanContext === undefined) return undefined;
  if (propagation.getBaggage(sendContext) !== undefined || !hasUsualPropagators()) return undefined;
  const traceState = validTraceState(spanContext.traceState)?.serialize();
  const state = traceState ? `,"tracestate":${JSON.stringify(traceState)}` : '';
  return `{"traceparent":"${writeTraceparent(spanContext)}"${state}}`;
}

function readTraceParent(metadata: unknown): Context | undefined {
  const parts = typeof metadata === 'string' ? TRACE_PARENT.exec(metadata) : null;
  if (parts === null || !hasUsualPropagators()) return undefined;
  const [, traceparent = '', state] = parts;
  const spanContext = parseTraceparent(traceparent);
  if (spanContext === undefined) return undefined;
  const traceState = state === RECORDED_MEMBER ? RECORDED_STATE : state === undefined ? undefined : parseTraceState(state);
  if (traceState !== undefined) spanContext.traceState = traceState;
  return trace.setSpanContext(new ChildContext(ROOT_CONTEXT), spanContext);
}

/** Whether traces travel as `traceparent` alone. `x-trace-id` holds nothing more for a consumer. */
function hasUsualPropagators(): boolean {
  const fields = propagation.fields();
  if (fields[0] !== 'traceparent' || fields[1] !== 'tracestate') return false;
  const { header } = contextConfiguration();
  for (let i = 2; i < fields.length; i++) if (fields[i] !== 'baggage' && fields[i] !== header) return false;
  return true;
}

/** Takes texts alone; another producer may have written the rest. */
const GETTER: TextMapGetter<Carrier> = {
  keys: (carrier) => Object.keys(carrier),
  get(carrier, key) {
    const value = carrier[key];
    return typeof value === 'string' ? value : undefined;
  },
};

function parseCarrier(metadata: unknown): Carrier | undefined {
  if (typeof metadata !== 'string' || metadata.length > MAX_METADATA_LENGTH) return undefined;
  try {
    const parsed: unknown = JSON.parse(metadata);
    return isCarrier(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isCarrier(value: unknown): value is Carrier {
  return typeof value === 'object' && value !== null;
}
