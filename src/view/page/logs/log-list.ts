// The log records in the page: the newest, and older ones as they are scrolled to.
import { signal } from '@preact/signals';
import type { ApiLog, LogsAnswer } from '../../api.js';
import { ask, explain, getJson } from '../parts/api-client.js';
import { type LogSearch, queryOf } from './log-search.js';

const CHUNK = 500;
/** Most records in the list. */
const MAX_LOGS = 20_000;

/** The newest first. */
export const logs = signal<readonly ApiLog[]>([]);
export const found = signal(0);
export const services = signal<readonly string[]>([]);
export const failure = signal('');
export const isLoaded = signal(false);

let shown: LogSearch | undefined;
let isAsking = false;

export function fetchNewest(search: LogSearch, signal: AbortSignal): Promise<void> {
  return ask<LogsAnswer>(`/api/logs?${queryOf(search, CHUNK)}`, signal, failure, (answer) => {
    // More than a chunk has come since: what lies between is not here, so the older ones go.
    const hasHole = (answer.logs.at(-1)?.id ?? 0) > (logs.value[0]?.id ?? 0);
    logs.value = shown === search && !hasHole ? join(answer.logs, logs.value) : answer.logs;
    shown = search;
    found.value = answer.total;
    services.value = answer.services;
    isLoaded.value = true;
  });
}

export async function fetchOlder(search: LogSearch): Promise<void> {
  const last = logs.value.at(-1);
  if (isAsking || shown !== search || last === undefined || logs.value.length >= Math.min(found.value, MAX_LOGS)) return;
  isAsking = true;
  try {
    const answer = await getJson<LogsAnswer>(`/api/logs?${queryOf(search, CHUNK, last.id)}`);
    if (shown === search) logs.value = join(logs.value, answer.logs);
  } catch (error) {
    failure.value = explain(error);
  } finally {
    isAsking = false;
  }
}

/** Newer and older ones, which may overlap. */
function join(newer: readonly ApiLog[], older: readonly ApiLog[]): readonly ApiLog[] {
  const least = newer.at(-1)?.id;
  if (least === undefined) return older;
  return [...newer, ...older.filter(({ id }) => id < least)].slice(0, MAX_LOGS);
}
