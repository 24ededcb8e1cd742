// Requests that are not worth a trace: health checks, static files.
import type { IncomingMessage } from 'node:http';

/** A test for requests to `patterns`: paths, or beginnings of paths with `*` at the end. */
export function createPathFilter(patterns: readonly string[]): (request: IncomingMessage) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const beginnings = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (request) => {
    const url = request.url ?? '/';
    const query = url.indexOf('?');
    const path = query === -1 ? url : url.slice(0, query);
    return exact.has(path) || beginnings.some((beginning) => path.startsWith(beginning));
  };
}
