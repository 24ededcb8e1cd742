// What the primary of node:cluster and its workers say to each other. The messages are "internal" ones (`cmd` begins with NODE_): an app never sees them,
// its own `message` listeners neither, and messages for the app that come before it listens still wait for it. A plain message would break both.
// Node says of them only that they are its own; without them the endpoint would do for the primary alone, nothing else would break.
import type { Format } from '../exposition.js';
import { isReport, type Report } from './report.js';

const CMD = 'NODE_SIETCH_OTEL_METRICS';

export type Message =
  /** To a worker: report. */
  | { readonly type: 'ask'; readonly id: number; readonly deadlineMs: number }
  /** Of a worker: its report, asked for or (id 0) its last. */
  | { readonly type: 'report'; readonly id: number; readonly report: Report }
  /** Of a worker: what would you answer a scraper? */
  | { readonly type: 'scrape'; readonly id: number; readonly format: Format }
  /** To a worker. */
  | { readonly type: 'scraped'; readonly id: number; readonly text: string };

/** As it is sent. */
export function envelope(message: Message): object {
  return { cmd: CMD, ...message };
}

/** `undefined` for what is not ours. */
export function readMessage(received: unknown): Message | undefined {
  if (typeof received !== 'object' || received === null || Reflect.get(received, 'cmd') !== CMD) return undefined;
  const field = (name: string): unknown => Reflect.get(received, name);
  const type = field('type');
  const id = field('id');
  if (typeof id !== 'number') return undefined;
  if (type === 'ask') {
    const deadlineMs = field('deadlineMs');
    return typeof deadlineMs === 'number' ? { type, id, deadlineMs } : undefined;
  }
  if (type === 'report') {
    const report = field('report');
    return isReport(report) ? { type, id, report } : undefined;
  }
  if (type === 'scrape') return { type, id, format: field('format') === 'openmetrics' ? 'openmetrics' : 'text' };
  const text = field('text');
  return type === 'scraped' && typeof text === 'string' ? { type, id, text } : undefined;
}
