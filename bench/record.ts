// The raw figures of a measurement, as JSON beside the page that is made of them: of every round, for whoever wants to reckon again.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../test/support/checkout.ts';
import type { Row } from './scenarios.ts';

const FOLDER = join(ROOT, 'docs', 'benchmark');
/** The run before, so that the page can say whether both say the same. */
const EARLIER = join(FOLDER, 'earlier');

/** The last run of a round, of bare again: how far it is from the first says how quiet the machine was. */
export const BARE_AGAIN = 'bare again';

export interface Figures extends Omit<Row, 'value'> {
  readonly scenario: string;
  /** By candidate, one number for each round. */
  readonly rounds: Readonly<Record<string, readonly number[]>>;
}

export interface Comparison {
  readonly measured: string;
  readonly machine: string;
  readonly node: string;
  readonly servers: readonly string[];
  readonly versions: readonly string[];
  readonly rounds: number;
  readonly minutes: number;
  readonly candidates: readonly string[];
  readonly figures: readonly Figures[];
  /** By scenario and candidate: spans that arrived for each operation. */
  readonly spans: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Rounds that were measured again because bare spread too far, and where spans were missing. */
  readonly repeated: readonly string[];
  readonly problems: readonly string[];
}

export type Part = 'node-20' | 'node-22' | 'node-24' | 'node-26' | 'instructions' | 'scale' | 'tail';

export function writeRecord(part: Part, comparison: Comparison): void {
  mkdirSync(EARLIER, { recursive: true });
  const file = join(FOLDER, `${part}.json`);
  if (existsSync(file)) renameSync(file, join(EARLIER, `${part}.json`));
  writeFileSync(file, `${compact(JSON.stringify(comparison, roundNumbers, 1))}\n`);
}

export function readRecord(part: Part, run: 'last' | 'before' = 'last'): Comparison | undefined {
  const file = join(run === 'last' ? FOLDER : EARLIER, `${part}.json`);
  if (!existsSync(file)) return undefined;
  const comparison: Comparison = JSON.parse(readFileSync(file, 'utf8'));
  return comparison;
}

/** Five digits are more than any figure is sure of. */
function roundNumbers(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

/** Lists of numbers on one line. */
function compact(json: string): string {
  return json.replace(/\[\s+([-\d.,\se+]+?)\s+\]/g, (_all, numbers: string) => `[${numbers.replace(/\s+/g, ' ')}]`);
}
