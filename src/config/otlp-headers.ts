// Finds members of OTEL_EXPORTER_OTLP_HEADERS that OpenTelemetry leaves out without a word, or sends
// in another form than was meant.
import { otlpVariables } from './otlp-signals.js';
import type { Environment } from './read.js';

/** One line for each, with its position only: the malformed text may be the token. */
export function wrongHeaders(env: Environment): string[] {
  return otlpVariables('HEADERS').flatMap((name) => {
    const members = (env[name] ?? '').split(',').map((member) => member.trim());
    if (members.join('') === '') return [];
    return members.flatMap((member, index) => {
      const fault = faultOfHeader(member);
      return fault === undefined ? [] : [`${name}, member ${index + 1} of ${members.length}: ${fault}`];
    });
  });
}

function faultOfHeader(member: string): string | undefined {
  if (member === '') return undefined; // A comma at the end.
  const at = member.indexOf('=');
  const colon = member.indexOf(':');
  if (colon > 0 && (at === -1 || colon < at)) return 'a colon in place of =';
  if (at === -1) return 'no =, a comma in a value is written %2C';
  const [key, value] = [member.slice(0, at).trim(), member.slice(at + 1).trim()];
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(key)) return 'the name is no name of a header';
  if (/^["'].*["']$/.test(value)) return 'the value is in quotes, which are sent';
  if (value === '') return 'the value is empty, the header is left out';
  if (value.includes(';')) return 'a ; ends the value, write %3B';
  try {
    const decoded = decodeURIComponent(value);
    return /^[\t\x20-\x7e\x80-\xff]*$/.test(decoded) ? undefined : 'the value has characters that no header may have';
  } catch {
    return 'the value has a % that begins no code, write %25';
  }
}
