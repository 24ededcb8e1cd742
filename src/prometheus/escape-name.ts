// Escapes names of metrics and labels for scrapers that do not take UTF-8, as Prometheus does
// (prometheus/common, model.EscapeName). Names that need no escaping stay as they are.
// https://prometheus.io/docs/instrumenting/escaping_schemes/
import type { Escaping } from './format.js';

const LEGACY_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_START = /^[a-zA-Z_:]/;
const LEGACY_CHARACTER = /^[a-zA-Z0-9_:]/;

/** Whether a name can be written without quotes. */
export function isLegacyName(name: string): boolean {
  return LEGACY_NAME.test(name);
}

export function escapeName(name: string, escaping: Escaping): string {
  if (escaping === 'allow-utf-8' || name === '' || isLegacyName(name)) return name;
  const characters = Array.from(name, (character, index) => escapeCharacter(character, index === 0, escaping));
  return (escaping === 'values' ? 'U__' : '') + characters.join('');
}

function escapeCharacter(character: string, isFirst: boolean, escaping: Escaping): string {
  const isLegacy = (isFirst ? LEGACY_START : LEGACY_CHARACTER).test(character);
  if (escaping === 'underscores') return isLegacy ? character : '_';
  if (character === '_') return '__';
  if (isLegacy) return character;
  if (escaping === 'dots') return character === '.' ? '_dot_' : '__';
  return `_${codePointOf(character).toString(16)}_`;
}

/** The code point; for half of a pair, which UTF-8 does not have, that of the replacement character. */
function codePointOf(character: string): number {
  const code = character.codePointAt(0) ?? 0xfffd;
  return code >= 0xd800 && code <= 0xdfff ? 0xfffd : code;
}
