// Foreign text as the page shows it: bounded, and with characters that change how other text is read made visible.
import { formatDuration, valueText } from '../../format.js';
import type { AttributeValue } from '../../telemetry.js';

/** Characters shown of a text in a line of a list. */
const MAX_LINE = 400;

/** Control characters, and those that turn or hide text: U+202E and its like. */
const INVISIBLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text for a block that keeps line ends and tabs. */
export function blockText(text: string): string {
  return text.replace(INVISIBLE, (character) => (character === '\n' || character === '\t' ? character : nameOf(character)));
}

/** A text for one line of a list. */
export function lineText(text: string): string {
  const cut = text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text;
  return cut.replace(/\s+/g, ' ').replace(INVISIBLE, nameOf);
}

export function lineOf(value: AttributeValue): string {
  return lineText(valueText(value));
}

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code === 13 ? '' : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** A duration in nanoseconds. */
export function durationText(nanoseconds: number): string {
  return spaced(formatDuration(BigInt(Math.round(nanoseconds))));
}

/** A moment of a trace, from its start on: `+1.2 ms`; before it where clocks differ. */
export function offsetText(nanoseconds: number): string {
  return `${nanoseconds < 0 ? '−' : '+'}${durationText(Math.abs(nanoseconds))}`;
}

/** From an hour on in hours and minutes. */
export function secondsText(seconds: number): string {
  if (seconds >= 3_600) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return durationText(seconds * 1e9);
}

/** `1.2s` as `1.2 s`. */
function spaced(text: string): string {
  return text.replace(/^(-?[\d.]+)([a-zµ]+)$/, '$1 $2');
}

/** A moment of the day with milliseconds, of a string of nanoseconds. */
export function timeText(nanoseconds: string): string {
  const date = new Date(millisecondsOf(nanoseconds));
  if (Number.isNaN(date.getTime())) return '';
  return `${date.toLocaleTimeString('en-GB')}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

export function dateText(nanoseconds: string): string {
  const date = new Date(millisecondsOf(nanoseconds));
  return Number.isNaN(date.getTime()) ? '' : `${date.toLocaleDateString('en-CA')} ${date.toLocaleTimeString('en-GB')}`;
}

/** Without BigInt, which is slow for 20,000 rows. */
export function millisecondsOf(nanoseconds: string): number {
  return nanoseconds.length > 6 ? Number(nanoseconds.slice(0, -6)) : 0;
}

/** `12 345`, readable at any length. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 1 ? 2 : 4;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits }).replaceAll(',', '\u202f');
}

export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text);
}
