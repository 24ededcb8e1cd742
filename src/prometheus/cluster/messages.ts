// Messages between the processes of a group. Between the primary of node:cluster and its workers
// they are "internal" messages (`cmd` begins with NODE_): an app's own `message` listeners never
// see them, and messages for the app that come before it listens still wait for it. A plain message
// would break both. Node.js documents no more of them than that they are its own; without them the
// endpoint would answer for the primary alone, and nothing else would break.
import { type Format, formatOfType } from '../format.js';
import { isReport, type Report } from './report.js';

const CMD = 'NODE_SIETCH_OTEL_METRICS';

/** L → F: from leader to follower. F → L: from follower to leader. */
export type Message =
  /**
   * F → L, first, under PM2: the label of its gauges. The id is the random number of the process.
   */
  | { readonly type: 'join'; readonly id: number; readonly label: string }
  /** L → F: collect, and report. */
  | { readonly type: 'collect'; readonly id: number; readonly deadlineMs: number }
  /** F → L: what it has counted, on request or (id 0) unasked, at its end. */
  | { readonly type: 'report'; readonly id: number; readonly report: Report }
  /**
   * L → F: the unasked report is counted, the process may end. Ending earlier could lose it with
   * the channel.
   */
  | { readonly type: 'ack'; readonly id: number }
  /** F → L: what is the answer to a scrape? */
  | { readonly type: 'scrape'; readonly id: number; readonly format: Format }
  /** L → F: its bytes in base64, since protobuf is no text. */
  | { readonly type: 'answer'; readonly id: number; readonly body: string }
  | SnapshotMessage;

/**
 * L → F, under PM2: counters that the next leader must keep adding. F → L: the same, to a new
 * leader.
 */
export interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly id: number;
  readonly report: Report;
  /**
   * Numbers of the processes whose counts are in it: each is counted once, whichever snapshot
   * brings it.
   */
  readonly counted: readonly number[];
  /** Numbers of the processes that report their counts to the next leader themselves. */
  readonly followers: readonly number[];
}

/** The message as it is sent. */
export function envelope(message: Message): object {
  return { cmd: CMD, ...message, ...(message.type === 'scrape' && { format: message.format.contentType }) };
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
    case 'join': {
      const label = field('label');
      return typeof label === 'string' ? { type, id, label: label.slice(0, 100) } : undefined;
    }
    case 'collect': {
      const deadlineMs = field('deadlineMs');
      return typeof deadlineMs === 'number' ? { type, id, deadlineMs } : undefined;
    }
    case 'report': {
      const report = field('report');
      return isReport(report) ? { type, id, report } : undefined;
    }
    case 'ack':
      return { type, id };
    case 'scrape':
      return { type, id, format: formatOfType(field('format')) };
    case 'answer': {
      const body = field('body');
      return typeof body === 'string' ? { type, id, body } : undefined;
    }
    case 'snapshot': {
      const [report, counted, followers] = [field('report'), field('counted'), field('followers')];
      return isReport(report) && isNumbers(counted) && isNumbers(followers) ? { type, id, report, counted, followers } : undefined;
    }
    default:
      return undefined;
  }
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'number');
}
