// Reads the parameters of the API's addresses.

import { MAX_LISTED, SEVERITIES, TRACE_SORTS } from './api.js';
import type { LogSearch } from './log-search.js';
import { Refusal } from './refusal.js';
import type { TraceSearch } from './trace-search.js';

const MAX_TEXT_LENGTH = 1_000;
const MAX_ATTRIBUTES = 20;

/** @throws {Refusal} that says what was expected. */
export function readTraceSearch(parameters: URLSearchParams): TraceSearch {
  const attributes = parameters.getAll('attribute').filter((text) => text !== '');
  if (attributes.length > MAX_ATTRIBUTES) throw new Refusal(400, `attribute: expected at most ${MAX_ATTRIBUTES}`);
  return {
    text: readText(parameters, 'q'),
    service: readText(parameters, 'service'),
    route: readText(parameters, 'route'),
    attributes: attributes.map(readAttribute),
    minMs: readNumber(parameters, 'minMs'),
    error: parameters.get('error') === 'true',
    keepReason: readText(parameters, 'kept'),
    sort: readChoice(parameters, 'sort', TRACE_SORTS) ?? 'start',
    order: readChoice(parameters, 'order', ['desc', 'asc']) ?? 'desc',
    limit: readLimit(parameters, MAX_LISTED.traces),
    offset: readCount(parameters, 'offset') ?? 0,
  };
}

/** @throws {Refusal} */
export function readLogSearch(parameters: URLSearchParams): LogSearch {
  const traceId = readText(parameters, 'trace')?.toLowerCase();
  if (traceId !== undefined && !/^[0-9a-f]{32}$/.test(traceId)) throw new Refusal(400, 'trace: expected 32 hexadecimal digits');
  return {
    text: readText(parameters, 'q'),
    severity: readChoice(parameters, 'severity', SEVERITIES),
    traceId,
    service: readText(parameters, 'service'),
    limit: readLimit(parameters, MAX_LISTED.logs),
    before: readCount(parameters, 'before'),
  };
}

/** A search for spans that are counted together. */
export interface SpanSearch {
  readonly text?: string | undefined;
  readonly service?: string | undefined;
  readonly limit: number;
}

/** @throws {Refusal} */
export function readSpanSearch(parameters: URLSearchParams, most: number): SpanSearch {
  return { text: readText(parameters, 'q'), service: readText(parameters, 'service'), limit: readLimit(parameters, most) };
}

/** Undefined where it is absent or empty. */
export function readText(parameters: URLSearchParams, name: string): string | undefined {
  const text = parameters.get(name);
  if (text === null || text === '') return undefined;
  if (text.length > MAX_TEXT_LENGTH) throw new Refusal(400, `${name}: expected at most ${MAX_TEXT_LENGTH} characters`);
  return text;
}

/** `key=value`, or `key`. */
function readAttribute(text: string): TraceSearch['attributes'][number] {
  if (text.length > MAX_TEXT_LENGTH) throw new Refusal(400, `attribute: expected at most ${MAX_TEXT_LENGTH} characters`);
  const at = text.indexOf('=');
  return at === -1 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

function readChoice<Choice extends string>(parameters: URLSearchParams, name: string, choices: readonly Choice[]): Choice | undefined {
  const text = readText(parameters, name);
  const choice = choices.find((each) => each === text);
  if (text !== undefined && choice === undefined) throw new Refusal(400, `${name}: expected one of ${choices.join(', ')}`);
  return choice;
}

function readLimit(parameters: URLSearchParams, most: number): number {
  const limit = readCount(parameters, 'limit') ?? Math.min(most, 100);
  if (limit < 1 || limit > most) throw new Refusal(400, `limit: expected a number from 1 to ${most}`);
  return limit;
}

function readCount(parameters: URLSearchParams, name: string): number | undefined {
  const text = readText(parameters, name);
  if (text !== undefined && !/^\d{1,12}$/.test(text)) throw new Refusal(400, `${name}: expected a whole number`);
  return text === undefined ? undefined : Number(text);
}

function readNumber(parameters: URLSearchParams, name: string): number | undefined {
  const text = readText(parameters, name);
  if (text !== undefined && !/^\d{1,12}(\.\d{1,6})?$/.test(text)) throw new Refusal(400, `${name}: expected a number`);
  return text === undefined ? undefined : Number(text);
}
