// Headers that the settings ask for as span attributes. Credentials are never among them.
import type { Span } from '@opentelemetry/api';
import { warn } from '../../diagnose/diagnostics.js';

const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
]);

/** The names in lower case, without those of credentials; these are reported once. */
export function capturableHeaders(names: readonly string[], variable: string): string[] {
  const lower = names.map((name) => name.toLowerCase());
  const refused = lower.filter((name) => CREDENTIALS.has(name));
  if (refused.length > 0) {
    warn('SIETCH030', `${variable}: ${refused.join(', ')}`);
  }
  return lower.filter((name) => !CREDENTIALS.has(name));
}

/** Puts headers on spans, as semantic conventions name them: always as lists. */
export class HeaderCapture {
  readonly #keys: readonly (readonly [header: string, attribute: string])[];

  constructor(of: 'request' | 'response', names: readonly string[]) {
    this.#keys = [...new Set(names)].map((name) => [name, `http.${of}.header.${name}`]);
  }

  add(span: Span, valueFor: (header: string) => string | number | string[] | undefined): void {
    for (const [header, attribute] of this.#keys) {
      const value = valueFor(header);
      if (value !== undefined) span.setAttribute(attribute, Array.isArray(value) ? value : [String(value)]);
    }
  }
}
