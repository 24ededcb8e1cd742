// What the processes of a group say to each other. Between the primary of node:cluster and its workers they are "internal" messages (`cmd` begins with
// NODE_): an app never sees them, its own `message` listeners neither, and messages for the app that come before it listens still wait for it. A plain
// message would break both. Node says of them only that they are its own; without them the endpoint would do for the primary alone, nothing else breaks.
import type { Format } from '../exposition.js';
import { isReport, type Report } from './report.js';

const CMD = 'NODE_SIETCH_OTEL_METRICS';

export type Message =
  /** To a member: report. */
  | { readonly type: 'ask'; readonly id: number; readonly deadlineMs: number }
  /** Of a member: its report, asked for or (id 0) its last. */
  | { readonly type: 'report'; readonly id: number; readonly report: Report }
  /** To a member: its last report has been counted. It may end: what is under way to a process can be lost when that ends the channel. */
  | { readonly type: 'heard'; readonly id: number }
  /** Of a member: what would you answer a scraper? */
  | { readonly type: 'scrape'; readonly id: number; readonly format: Format }
  /** To a member. */
  | { readonly type: 'scraped'; readonly id: number; readonly text: string }
  /** Of a member, first: how it is called. The id is a number that it has chosen, for ever. */
  | { readonly type: 'hello'; readonly id: number; readonly label: string }
  /** To a member that may have to take over: what must go on being counted. From one to a new leader: the same. */
  | LegacyMessage;

export interface LegacyMessage {
  readonly type: 'legacy';
  readonly id: number;
  readonly report: Report;
  /** The processes whose counts are in it, by a number each has chosen: they are to be counted once, whoever brings them. */
  readonly counted: readonly number[];
  /** Numbers of the processes that tell their counts themselves, to whoever leads next. */
  readonly members: readonly number[];
}

/** As it is sent. */
export function envelope(message: Message): object {
  return { cmd: CMD, ...message };
}

/** `undefined` for what is not ours. */
export function readMessage(received: unknown): Message | undefined {
  if (typeof received !== 'object' || received === null || Reflect.get(received, 'cmd') !== CMD) return undefined;
  const id: unknown = Reflect.get(received, 'id');
  return typeof id === 'number' ? readTyped(id, (name) => Reflect.get(received, name)) : undefined;
}

function readTyped(id: number, field: (name: string) => unknown): Message | undefined {
  const type = field('type');
  switch (type) {
    case 'ask': {
      const deadlineMs = field('deadlineMs');
      return typeof deadlineMs === 'number' ? { type, id, deadlineMs } : undefined;
    }
    case 'heard':
      return { type, id };
    case 'report': {
      const report = field('report');
      return isReport(report) ? { type, id, report } : undefined;
    }
    case 'legacy': {
      const [report, counted, members] = [field('report'), field('counted'), field('members')];
      return isReport(report) && isNumbers(counted) && isNumbers(members) ? { type, id, report, counted, members } : undefined;
    }
    case 'scrape':
      return { type, id, format: field('format') === 'openmetrics' ? 'openmetrics' : 'text' };
    case 'scraped': {
      const text = field('text');
      return typeof text === 'string' ? { type, id, text } : undefined;
    }
    case 'hello': {
      const label = field('label');
      return typeof label === 'string' ? { type, id, label: label.slice(0, 100) } : undefined;
    }
    default:
      return undefined;
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}
