// Marks the active span with the end of a call: name, state and outcome of the breaker.
import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import { activeContext } from '../../context/context-manager.js';
import type { CircuitStats } from './circuit-stats.js';
import { SUCCESS } from './outcome.js';

/** Spans in which a call went wrong: a later call that goes well does not hide it. */
const marked = new WeakSet<Span>();

// Compiled to CommonJS, an import is looked up at each use, through the getters of re-exporting
// modules: not on the hot path.
const NOWHERE = ROOT_CONTEXT;

/** The active span, unless it has ended or is not sampled. */
export function activeRecordingSpan(): Span | undefined {
  const active = activeContext();
  if (active !== lastContext) {
    lastContext = active;
    lastSpan = active === NOWHERE ? undefined : trace.getSpan(active);
  }
  return lastSpan?.isRecording() === true ? lastSpan : undefined;
}

let lastContext: Context | undefined;
let lastSpan: Span | undefined;

/** The last mark: the calls of one span follow one another, and most end alike. */
const last: { span: Span | undefined; stats: CircuitStats | undefined; state: number; outcome: number } = {
  span: undefined,
  stats: undefined,
  state: 0,
  outcome: 0,
};

export function markSpan(span: Span, stats: CircuitStats, state: number, outcome: number): void {
  if (span === last.span && stats === last.stats && state === last.state && outcome === last.outcome) return;
  if (outcome !== SUCCESS) marked.add(span);
  else if (marked.has(span)) return;
  span.setAttributes(stats.spanAttributes(state, outcome));
  last.span = span;
  last.stats = stats;
  last.state = state;
  last.outcome = outcome;
}
