// Finds variables that were set too late: dotenv and the like set them after the distribution has
// started. Names only, since values may be secrets.
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../config/read.js';

const OURS = /^(SIETCH_)?OTEL_/;
/** The variable that a process sets for its children, after its start. */
const OWN = 'SIETCH_OTEL_PARENT_ENDPOINT';
const MAX_FILE_BYTES = 65_536;
const MAX_NAMES = 20;

/** Variables that configure the distribution. */
export function ownVariables(env: Environment): ReadonlyMap<string, string | undefined> {
  return new Map(Object.entries(env).filter(([name]) => OURS.test(name) && name !== OWN));
}

/** @param atStart variables when the distribution started. @param folder where a `.env` may be. */
export function lateVariables(atStart: ReadonlyMap<string, string | undefined>, env: Environment, folder: string): string | undefined {
  const inProcess = [...ownVariables(env)].filter(([name, value]) => atStart.get(name) !== value).map(([name]) => name);
  const inFile = namesIn(join(folder, '.env')).filter((name) => !atStart.has(name) && !inProcess.includes(name));
  const late = [...inProcess, ...inFile.map((name) => `${name} (in .env)`)].slice(0, MAX_NAMES);
  return late.length === 0 ? undefined : late.join(', ');
}

function namesIn(file: string): string[] {
  const names = readStart(file).matchAll(/^\s*(?:export\s+)?((?:SIETCH_)?OTEL_\w+)\s*=\s*\S/gm);
  return [...new Set([...names].map(([, name = '']) => name))];
}

function readStart(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const bytes = Buffer.alloc(MAX_FILE_BYTES);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes));
  } catch {
    return ''; // There is none.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
