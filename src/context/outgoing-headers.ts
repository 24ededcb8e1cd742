// The forms that headers on their way out can have.
import { isFetchHeaders } from './fetch-headers.js';

/** Something with `setHeader`: `http.ClientRequest`, `http.ServerResponse`. */
export interface HeaderSink {
  setHeader(name: string, value: string): unknown;
  hasHeader?(name: string): boolean;
}

/** Where trace headers can be written to. A plain object is one of strings by name. */
export type OutgoingHeaders = Headers | HeaderSink | object;

/** Whether the app has put the header there itself. */
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
