// The trace state of W3C Trace Context level 2. A `tracestate` header that breaks a rule counts as
// none, as a whole; OpenTelemetry's own (core 2.12, API 1.10) keeps the members that it understands
// and knows the keys of level 1 only, by which five of the 41 cases of W3C's suite fail.
import type { TraceState } from '@opentelemetry/api';
import { withoutBlanks } from './headers.js';

const KEY = '[a-z\\d][a-z\\d_\\-*/@]{0,255}';
/** Printable ASCII without comma and `=`, no space at the end. */
const VALUE = '[ -+\\--<>-~]{0,255}[!-+\\--<>-~]';
const ONLY_KEY = new RegExp(`^${KEY}$`);
const ONLY_VALUE = new RegExp(`^${VALUE}$`);
const MEMBER = new RegExp(`^${KEY}=${VALUE}$`);

const MAX_MEMBERS = 32;
/** So much everybody passes on; of more, some drop all. */
export const MAX_LENGTH = 512;
/** Members that are longer go first when there is too much. */
const LONG_MEMBER = 128;
/** The greatest number of the longest members: a longer header is not looked at. */
const LONGEST_HEADER = MAX_MEMBERS * 514;

/** Cannot be changed, and is valid at all times. */
export class ValidTraceState implements TraceState {
  /** Members with commas between them: neither keys nor values hold a comma or `=`. */
  readonly #text: string;

  /** @param text valid */
  constructor(text: string) {
    this.#text = text;
  }

  get(key: string): string | undefined {
    const at = isText(key, ONLY_KEY) ? `,${this.#text}`.indexOf(`,${key}=`) : -1;
    if (at === -1) return undefined;
    const start = at + key.length + 1;
    const end = this.#text.indexOf(',', start);
    return this.#text.slice(start, end === -1 ? undefined : end);
  }

  /**
   * The new member comes first, as W3C has it; what is too much then goes at the end. The same
   * state for a key or value that is not valid.
   */
  set(key: string, value: string): TraceState {
    if (!isText(key, ONLY_KEY) || !isText(value, ONLY_VALUE)) return this;
    const member = `${key}=${value}`;
    if (member.length > MAX_LENGTH) return this;
    const others = this.#without(key);
    if (others.length >= MAX_MEMBERS) others.length = MAX_MEMBERS - 1;
    return new ValidTraceState([member, ...shorten(others, MAX_LENGTH - member.length - 1)].join(','));
  }

  unset(key: string): TraceState {
    return this.get(key) === undefined ? this : new ValidTraceState(this.#without(key).join(','));
  }

  serialize(): string {
    return this.#text;
  }

  #without(key: string): string[] {
    return this.#text === '' ? [] : this.#text.split(',').filter((member) => !member.startsWith(`${key}=`));
  }
}

export const NO_MEMBERS: TraceState = new ValidTraceState('');

/** Undefined for a header that breaks a rule or has no members. Of two members with one key the first counts. */
export function parseTraceState(header: string): TraceState | undefined {
  if (header.length > LONGEST_HEADER) return undefined;
  const members: string[] = [];
  for (const part of header.split(',')) {
    const member = withoutBlanks(part);
    if (member === '') continue;
    if (!MEMBER.test(member)) return undefined;
    const key = member.slice(0, member.indexOf('=') + 1);
    if (members.some((other) => other.startsWith(key))) continue;
    if (members.push(member) > MAX_MEMBERS) return undefined;
  }
  const text = shorten(members, MAX_LENGTH).join(',');
  return text === '' ? undefined : new ValidTraceState(text);
}

/**
 * The trace state of a span context that other code has made, as one of ours: only what is valid
 * goes out. Never throws.
 */
export function validTraceState(given: TraceState | null | undefined): TraceState | undefined {
  if (given === undefined || given === null || given instanceof ValidTraceState) return given ?? undefined;
  try {
    const text: unknown = given.serialize();
    return typeof text === 'string' ? parseTraceState(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes members out until they fit: long ones first, then from the end. */
function shorten(members: string[], maxLength: number): string[] {
  let length = members.join(',').length;
  while (length > maxLength && members.length > 0) {
    const long = members.findLastIndex((member) => member.length > LONG_MEMBER);
    const [removed = ''] = members.splice(long === -1 ? members.length - 1 : long, 1);
    length -= removed.length + 1;
  }
  return members;
}

function isText(given: unknown, form: RegExp): given is string {
  return typeof given === 'string' && form.test(given);
}
