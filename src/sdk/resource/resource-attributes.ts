// Reads OTEL_RESOURCE_ATTRIBUTES: `key=value,…`, percent-encoded as W3C baggage is. Upstream's
// reader discards all of it for one member that is wrong, and says nothing.
import type { Environment } from '../../config/read.js';

const VARIABLE = 'OTEL_RESOURCE_ATTRIBUTES';
const MAX_LENGTH = 4_096;

/**
 * Returns the valid members by key; of two with one key the last.
 * @param problems receives one line for each other one, without its value
 */
export function readResourceAttributes(env: Environment, problems: string[]): Map<string, string> {
  const attributes = new Map<string, string>();
  const members = (env[VARIABLE] ?? '').split(',');
  for (const [index, member] of members.entries()) {
    if (member.trim() === '') continue;
    const problem = addMember(attributes, member);
    if (problem !== undefined) problems.push(`${VARIABLE}: member ${index + 1} ${problem}; it is left out, the others are kept`);
  }
  return attributes;
}

/** Returns the fault of the member, if it has one. A value may hold `=`. */
function addMember(attributes: Map<string, string>, member: string): string | undefined {
  const end = member.indexOf('=');
  const rawKey = end === -1 ? '' : member.slice(0, end).trim();
  if (rawKey === '') return 'is no key=value';
  const key = decode(rawKey);
  if (key === undefined) return 'has a key that is not percent-encoded correctly';
  const value = decode(unquoted(member.slice(end + 1).trim()));
  if (value === undefined) return `(${key.slice(0, 60)}) has a value that is not percent-encoded correctly`;
  if (key.length > MAX_LENGTH || value.length > MAX_LENGTH) return `(${key.slice(0, 60)}) is longer than ${MAX_LENGTH} characters`;
  attributes.set(key, value);
  return undefined;
}

function unquoted(value: string): string {
  return /^"(.*)"$/s.exec(value)?.[1] ?? value;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
