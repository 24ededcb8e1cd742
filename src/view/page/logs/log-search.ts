// The search of the list of log records: read from the page's address, written as the server's parameters.
import { SEVERITIES, type Severity } from '../../api.js';

export interface LogSearch {
  readonly text: string;
  readonly severity: Severity | '';
  readonly trace: string;
  readonly service: string;
}

export function readSearch(parameters: URLSearchParams): LogSearch {
  const text = (name: string): string => parameters.get(name) ?? '';
  const severity = SEVERITIES.find((each) => each === text('severity')) ?? '';
  return { text: text('q'), severity, trace: text('trace'), service: text('service') };
}

export function isOpenSearch({ text, severity, trace, service }: LogSearch): boolean {
  return [text, severity, trace, service].every((each) => each.trim() === '');
}

export function queryOf({ text, severity, trace, service }: LogSearch, limit: number, before?: number): string {
  const parameters = new URLSearchParams({ limit: String(limit) });
  for (const [name, value] of Object.entries({ q: text.trim(), severity, trace, service })) if (value !== '') parameters.set(name, value);
  if (before !== undefined) parameters.set('before', String(before));
  return parameters.toString();
}
