// The severity of a log record as text, and as a class of the style sheet.
import type { ApiLog } from '../../api.js';
import { severityName } from '../../format.js';
import { lineText } from './text.js';

/** Characters of a severity; senders may write anything. */
const MAX_LENGTH = 12;

export function severityOf({ severityText, severityNumber }: ApiLog): string {
  return lineText(severityText || severityName(severityNumber))
    .toUpperCase()
    .slice(0, MAX_LENGTH);
}

/** `error`, `warn` or `''`. */
export function severityClass({ severityNumber }: ApiLog): string {
  if (severityNumber >= 17) return 'error';
  return severityNumber >= 13 ? 'warn' : '';
}
