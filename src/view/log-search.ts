// Searches the log records of a store, the one that arrived last first.

import { SEVERITIES, type Severity } from './api.js';
import type { LogRecord } from './telemetry.js';
import { TextMatch } from './text-match.js';
import { inSlices } from './time-slices.js';
import type { TraceStore } from './trace-store.js';

/** Every given condition must hold. */
export interface LogSearch {
  readonly text?: string | undefined;
  /** This one and above. */
  readonly severity?: Severity | undefined;
  readonly traceId?: string | undefined;
  readonly service?: string | undefined;
  readonly limit: number;
  /** Only records that arrived before the one with this number. */
  readonly before?: number | undefined;
}

export interface FoundLogs {
  readonly logs: readonly { readonly record: LogRecord; readonly id: number }[];
  /** All that match, before `before` or not. */
  readonly total: number;
  /** The services of all records, sorted; at most `MAX_SERVICES`. */
  readonly services: readonly string[];
}

const MAX_SERVICES = 500;

export async function searchLogs(store: TraceStore, search: LogSearch, signal?: AbortSignal): Promise<FoundLogs> {
  const first = store.counts.droppedLogs + 1;
  const records = store.logs;
  const isMatch = matcher(search);
  const logs: { record: LogRecord; id: number }[] = [];
  const services = new Set<string>();
  let total = 0;
  const visit = (record: LogRecord, index: number): void => {
    if (record.service !== '' && services.size < MAX_SERVICES) services.add(record.service);
    if (!isMatch(record)) return;
    total++;
    const id = first + records.length - 1 - index;
    if (logs.length < search.limit && (search.before === undefined || id < search.before)) logs.push({ record, id });
  };
  await inSlices([...records].reverse(), visit, signal);
  return { logs, total, services: [...services].sort() };
}

function matcher({ text, severity, traceId, service }: LogSearch): (record: LogRecord) => boolean {
  const match = text === undefined ? undefined : new TextMatch(text);
  const least = severity === undefined ? 0 : SEVERITIES.indexOf(severity) * 4 + 1;
  return (record) => {
    if (severityOf(record) < least) return false;
    if (traceId !== undefined && record.traceId !== traceId) return false;
    if (service !== undefined && record.service !== service) return false;
    if (match === undefined) return true;
    return match.inValue(record.body) || match.in(record.eventName) || match.inValues(record.attributes);
  };
}

/** The number of its severity; where a sender gave only a text, that of the text. */
function severityOf({ severityNumber, severityText }: LogRecord): number {
  if (severityNumber > 0 || severityText === '') return severityNumber;
  const name = severityText.toLowerCase();
  const at = SEVERITIES.findIndex((severity) => name.startsWith(severity));
  return Math.max(0, at * 4 + 1);
}
