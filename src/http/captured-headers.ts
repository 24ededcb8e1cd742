// Headers that the settings ask for as span attributes. Credentials are never among them.
import { warn } from '../sdk/diagnostics.js';

const CREDENTIALS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'proxy-authorization',
  'set-cookie',
  'x-api-key',
  'x-auth-token',
  'x-csrf-token',
]);

/** The names in lower case, without those of credentials; these are said once. */
export function capturableHeaders(names: readonly string[], variable: string): string[] {
  const lower = names.map((name) => name.toLowerCase());
  const refused = lower.filter((name) => CREDENTIALS.has(name));
  if (refused.length > 0) {
    warn({ code: 'SIETCH030', message: `${variable}: ${refused.join(', ')} not captured: the values are credentials` });
  }
  return lower.filter((name) => !CREDENTIALS.has(name));
}
