// The class of an error, which telemetry may show. Messages may hold payloads and stay out.
import { OTHER } from '../../sdk/metrics/overflow.js';

const MAX_LENGTH = 100;

/** Code of a system error or SQLSTATE, else the class name. */
export function errorType(error: unknown): string {
  try {
    return nameOf(error);
  } catch {
    // An error that throws when it is asked for its name.
    return OTHER;
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return OTHER;
  const code: unknown = 'code' in error ? error.code : undefined;
  const name = typeof code === 'string' && /^(?:[A-Z][A-Z0-9_]*|[0-9A-Z]{5})$/.test(code) ? code : error.name || error.constructor.name;
  return /^[\w.$-]+$/.test(name) ? name.slice(0, MAX_LENGTH) : OTHER;
}
