// What the page Trace shows of its trace: fetched, and fetched again while it grows.
import { signal } from '@preact/signals';
import { ApiError, explain, getText } from '../parts/api-client.js';
import { buildTimeline, type Timeline } from './timeline.js';
import { readTrace } from './trace-lines.js';
import type { Range } from './zoom.js';

export const timeline = signal<Timeline | undefined>(undefined);
/** Why there is no trace. */
export const failure = signal('');
/** Part of the time axis in sight; undefined is all of it, also when it grows. */
export const zoom = signal<Range | undefined>(undefined);
/** Ids of folded rows. */
export const folded = signal<ReadonlySet<string>>(new Set());
export const hasLogs = signal(true);
export const isCritical = signal(true);
export const isOpen = signal(false);

export async function fetchTrace(id: string, signal: AbortSignal): Promise<void> {
  try {
    const answer = await readTrace(await getText(`/api/traces/${encodeURIComponent(id)}`, signal), signal);
    const built = await buildTimeline(answer, signal);
    if (signal.aborted) return;
    timeline.value = built;
    failure.value = '';
  } catch (error) {
    if (signal.aborted) return;
    failure.value =
      error instanceof ApiError && error.status === 404 ? 'It has not arrived, or newer ones have taken its place.' : explain(error);
  }
}

/** Before another trace is shown. */
export function forget(isDetailed: boolean): void {
  timeline.value = undefined;
  failure.value = '';
  zoom.value = undefined;
  folded.value = new Set();
  isOpen.value = isDetailed;
}

export function fold(id: string, isFolded: boolean): void {
  const next = new Set(folded.value);
  if (isFolded) next.add(id);
  else next.delete(id);
  folded.value = next;
}
