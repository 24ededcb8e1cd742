// Names the time before a span in which nobody worked for it: in the queue, until its next attempt, for a connection.
import { pushTo } from '../../lists.js';
import { attributeNumber, attributeText, type SpanItem, type Wait } from './items.js';

/** Shorter waits are no news. */
const LEAST = 1e6;

/** Sets `waits` of each span that waited. */
export function findWaits(spans: Iterable<SpanItem>): void {
  const attempts = new Map<string, SpanItem[]>();
  for (const item of spans) {
    item.waits = [...waitForConnection(item), ...waitInQueue(item)].filter(({ from, to }) => to - from >= LEAST);
    const job = jobOf(item);
    if (job !== '') pushTo(attempts, job, item);
  }
  for (const items of attempts.values()) {
    items.sort((one, other) => one.start - other.start);
    items.forEach((item, index) => {
      const before = items[index - 1];
      if (before === undefined || item.start - before.end < LEAST) return;
      const number = attributeText(item.span, 'sietch.queue.job.attempt');
      item.waits = [{ title: `waiting for attempt${number === '' ? '' : ` ${number}`}`, from: before.end, to: item.start }];
    });
  }
}

/** The same for all attempts of one job; `''` for a span that is none. */
export function jobOf({ span }: SpanItem): string {
  const id = attributeText(span, 'messaging.message.id');
  if (span.kind !== 'CONSUMER' || id === '') return '';
  return JSON.stringify([attributeText(span, 'messaging.destination.name'), id]);
}

function waitForConnection({ span, start }: SpanItem): Wait[] {
  const seconds = attributeNumber(span, 'sietch.pg.pool.wait');
  return seconds === undefined ? [] : [{ title: 'waiting for a connection', from: start - seconds * 1e9, to: start }];
}

/** Known exactly for our own jobs; else the time since the span that sent it ended. */
function waitInQueue({ span, start, parent }: SpanItem): Wait[] {
  if (span.kind !== 'CONSUMER') return [];
  const seconds = attributeNumber(span, 'sietch.queue.job.wait');
  if (seconds !== undefined) {
    const due = start - seconds * 1e9;
    const wait = { title: 'waiting in queue', from: due, to: start };
    return parent?.span.kind === 'PRODUCER' && due - parent.end > LEAST ? [{ title: 'delayed', from: parent.end, to: due }, wait] : [wait];
  }
  return parent?.span.kind === 'PRODUCER' ? [{ title: 'waiting in queue', from: parent.end, to: start }] : [];
}
