// Outgoing headers in the forms that they can have, and how one is set.
import { isFetchHeaders } from './headers.js';

/** Something with `setHeader`: `http.ClientRequest`, `http.ServerResponse`. */
export interface HeaderSink {
  setHeader(name: string, value: string): unknown;
  hasHeader?(name: string): boolean;
}

/** A carrier of trace headers. A plain object holds strings by name. */
export type OutgoingHeaders = Headers | HeaderSink | object;

/** Whether the app has set the header itself. */
export function carriesHeader(carrier: unknown, name: string): boolean {
  if (typeof carrier !== 'object' || carrier === null) return false;
  if (isFetchHeaders(carrier)) return carrier.has(name);
  if (isHeaderSink(carrier)) return carrier.hasHeader?.(name) ?? false;
  for (const key in carrier) if (key.length === name.length && key.toLowerCase() === name) return true;
  return false;
}

export function setHeader(carrier: OutgoingHeaders, name: string, value: string): void {
  if (isFetchHeaders(carrier)) carrier.set(name, value);
  else if (isHeaderSink(carrier)) carrier.setHeader(name, value);
  else Reflect.set(carrier, name, value);
}

function isHeaderSink(carrier: object): carrier is HeaderSink {
  return 'setHeader' in carrier && typeof carrier.setHeader === 'function';
}
