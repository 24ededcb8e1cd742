// Formats times, severities and foreign text for the terminal and the page.

import type { AttributeValue } from './telemetry.js';

/** `850ns`, `12.4µs`, `3.1ms`, `2.5s`, `3m12s`. */
export function formatDuration(nanoseconds: bigint): string {
  const value = Number(nanoseconds < 0n ? -nanoseconds : nanoseconds);
  const sign = nanoseconds < 0n ? '-' : '';
  if (value < 1e3) return `${sign}${value}ns`;
  if (value < 1e6) return `${sign}${short(value / 1e3)}µs`;
  if (value < 1e9) return `${sign}${short(value / 1e6)}ms`;
  if (value < 60e9) return `${sign}${short(value / 1e9)}s`;
  return `${sign}${Math.floor(value / 60e9)}m${Math.floor((value % 60e9) / 1e9)}s`;
}

/** Never rounded up to the next unit: 999.9 µs are 999 µs, not 1000. */
function short(value: number): string {
  return value < 99.95 ? value.toFixed(1) : Math.floor(value).toString();
}

/** `1 span`, `2 spans`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * The name of a severity number:
 * https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
 */
export function severityName(severityNumber: number): string {
  return ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'][Math.floor((severityNumber - 1) / 4)] ?? '';
}

/** An attribute or a log body as one piece of text. */
export function valueText(value: AttributeValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Removes escape codes and line ends of senders, which must not reach the terminal. */
export function cleanText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}
