// Puts the attempts of one job together under a line of their own.
import { pushTo } from '../../lists.js';
import { type AttemptsItem, attributeText, type Item, isFailed, type SpanItem } from './items.js';
import { jobOf } from './waits.js';

/** Groups siblings; returns the roots, grouped too. */
export function groupAttempts(roots: readonly SpanItem[], spans: ReadonlyMap<string, SpanItem>): Item[] {
  for (const item of spans.values()) if (item.children.length > 1) item.children = group(item.children);
  return group(roots);
}

function group(siblings: readonly Item[]): Item[] {
  const jobs = new Map<string, SpanItem[]>();
  for (const item of siblings) {
    const job = item.kind === 'span' ? jobOf(item) : '';
    if (item.kind === 'span' && job !== '') pushTo(jobs, job, item);
  }
  const grouped = new Set<Item>();
  const result: Item[] = [];
  for (const item of siblings) {
    if (grouped.has(item)) continue;
    const attempts = item.kind === 'span' ? (jobs.get(jobOf(item)) ?? []) : [];
    if (attempts.length < 2) result.push(item);
    else {
      result.push(attemptsItem(attempts));
      for (const attempt of attempts) grouped.add(attempt);
    }
  }
  return result;
}

function attemptsItem(children: readonly SpanItem[]): AttemptsItem {
  const first = children[0];
  const last = children.at(-1);
  const queue = first === undefined ? '' : attributeText(first.span, 'messaging.destination.name');
  const outcome = last === undefined ? '' : attributeText(last.span, 'sietch.queue.job.outcome');
  return {
    kind: 'attempts',
    id: `attempts-${first?.id}`,
    title: `${children.length} attempts of one job${queue === '' ? '' : ` of ${queue}`}${outcome === '' ? '' : `, at last ${outcome}`}`,
    service: first?.span.service ?? '',
    failed: last !== undefined && isFailed(last),
    start: children.reduce((earliest, { start }) => Math.min(earliest, start), Number.POSITIVE_INFINITY),
    end: children.reduce((latest, { end }) => Math.max(latest, end), 0),
    children,
  };
}
