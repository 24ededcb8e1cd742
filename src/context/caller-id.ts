// Reads the id that a caller hands over in `x-trace-id`. The value is untrusted: only ids that
// match these rules are kept.

export type CallerId =
  | { readonly kind: 'trace-id'; readonly traceId: string }
  | { readonly kind: 'correlation-id'; readonly id: string }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'none' };

const NONE: CallerId = { kind: 'none' };
const IGNORED: CallerId = { kind: 'ignored' };

const HEX_32 = /^[\da-f]{32}$/i;
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i;
const NOTHING = /^[0-]+$/;
/** Short and of a safe alphabet: it ends up in logs, headers and SQL comments. */
const CORRELATION_ID = /^[\w.\-=]{1,128}$/;
/** Longer than two allowed values with a comma between them: not looked at. */
const MAX_LENGTH = 300;

/**
 * Reads the header's value. A header that came more than once (Node joins them by commas) counts as
 * one when all its values are the same, else it is ignored.
 */
export function readCallerId(header: string | readonly string[] | undefined): CallerId {
  if (header === undefined) return NONE;
  const value = typeof header === 'string' ? header : header.join(',');
  if (value.length > MAX_LENGTH) return IGNORED;
  const id = value.includes(',') ? onlyValue(value) : value.trim();
  if (id === '') return NONE;
  if (id === undefined || NOTHING.test(id)) return IGNORED;
  if (HEX_32.test(id)) return { kind: 'trace-id', traceId: id.toLowerCase() };
  if (UUID.test(id)) return { kind: 'trace-id', traceId: id.replaceAll('-', '').toLowerCase() };
  return isCorrelationId(id) ? { kind: 'correlation-id', id } : IGNORED;
}

export function isCorrelationId(value: string): boolean {
  return CORRELATION_ID.test(value);
}

function onlyValue(list: string): string | undefined {
  const [first, ...others] = list.split(',').map((part) => part.trim());
  return others.every((other) => other === first) ? first : undefined;
}
