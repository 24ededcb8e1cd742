// Environment variable substitution in the scalars of a configuration file, as the specification
// has it: `${NAME}`, `${env:NAME}`, `${NAME:-default}`, and `$$` for a dollar sign. What is put in
// is not substituted again, and never becomes structure.
import type { Environment } from '../config/read.js';
import { ConfigurationError } from './file-configuration.js';

const REFERENCE = /\$\{([^}\n]*)\}/g;
const NAMED = /^(?:env:)?([a-zA-Z_]\w*)(?::-(.*))?$/;

/**
 * @param references receives the names that are referred to
 * @throws {ConfigurationError} for a reference that is none; the specification wants nothing of the
 * file to be used then
 */
export function substitute(text: string, env: Environment, references: Set<string>): string {
  if (!text.includes('$')) return text;
  const pieces = text.split('$$');
  return pieces.map((piece) => piece.replace(REFERENCE, (whole, inner: string) => resolve(whole, inner, env, references))).join('$');
}

function resolve(whole: string, inner: string, env: Environment, references: Set<string>): string {
  const [, name, fallback = ''] = NAMED.exec(inner) ?? [];
  if (name === undefined) throw new ConfigurationError(`${whole.slice(0, 60)} is no reference to a variable`);
  references.add(name);
  return env[name] || fallback;
}

/** A plain scalar after substitution, by the core schema of YAML 1.2. */
export function plainValue(text: string): string | number | boolean | null {
  const word = text.trim();
  if (/^(~|null|Null|NULL)?$/.test(word)) return null;
  if (/^(true|True|TRUE)$/.test(word)) return true;
  if (/^(false|False|FALSE)$/.test(word)) return false;
  const isNumber = /^([-+]?\d+|0o[0-7]+|0x[\da-fA-F]+|[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?)$/.test(word);
  return isNumber ? Number(word) : text;
}
