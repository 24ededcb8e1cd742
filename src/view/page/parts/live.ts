// What the server tells as it arrives: totals, and which traces have grown. Nothing is told while the page is hidden; it asks again when it is seen.
import { computed, signal } from '@preact/signals';
import type { Added, Status, Totals } from '../../api.js';

export const status = signal<Status | undefined>(undefined);
export const totals = signal<Totals | undefined>(undefined);
export const isConnected = signal(false);
/** Grows when what is shown may be old as a whole: after a pause, or when the server was away. */
export const generation = signal(0);
export const isEmpty = computed(() => {
  const known = totals.value;
  return known !== undefined && known.spans === 0 && known.logs === 0 && known.metricPoints === 0;
});

type Listener = (added: Added) => void;
const listeners = new Set<Listener>();

/** Returns what ends it. */
export function onAdded(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

export function listen(): void {
  const source = new EventSource('/api/events');
  let isBehind = false;
  source.addEventListener('hello', ({ data }) => {
    const hello: Status = JSON.parse(data);
    status.value = hello;
    totals.value = hello.totals;
    isConnected.value = true;
    generation.value++;
  });
  source.addEventListener('added', ({ data }) => {
    if (document.hidden) {
      isBehind = true;
      return;
    }
    const added: Added = JSON.parse(data);
    totals.value = added.totals;
    for (const listener of [...listeners]) listener(added);
  });
  source.addEventListener('error', () => {
    isConnected.value = false;
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !isBehind) return;
    isBehind = false;
    generation.value++;
  });
}
