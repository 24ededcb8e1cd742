// Rounds of one scenario: each runs every candidate once, beginning with another one each time, between two runs of bare. Noise that lasts longer than a
// run then meets all of them. A round in which bare's two runs differ too far is spoilt, and can be measured again.

import { performance } from 'node:perf_hooks';
import type { Candidate } from './candidates.ts';
import { BARE_AGAIN, type Figures } from './record.ts';
import { type Row, type Scenario, takes } from './scenarios.ts';
import { missingSpans, sends } from './span-check.ts';
import { summarize } from './statistics.ts';
import { count, type Measurement, type Place, runWorkload } from './workload.ts';

/** How far bare's two runs may be apart, as a share of the lower one. */
const MOST_SPREAD = 0.1;

interface Round {
  readonly measured: ReadonlyMap<string, Measurement>;
  readonly problems: readonly string[];
  /** How often it has been measured. */
  readonly attempts: number;
  readonly minutes: number;
}

export class Rounds {
  readonly scenario: Scenario;
  readonly #candidates: readonly Candidate[];
  readonly #place: (candidate: Candidate) => Place;
  readonly #attempts: number;
  readonly #kept: Round[] = [];

  constructor(scenario: Scenario, candidates: readonly Candidate[], place: (candidate: Candidate) => Place, attempts: number) {
    this.scenario = scenario;
    this.#candidates = candidates.filter((candidate) => takes(scenario, candidate));
    this.#place = place;
    this.#attempts = attempts;
  }

  async measure(): Promise<void> {
    if (this.#kept.length === 0 && count(this.scenario.warmUp, { quick: false }) === 0) await this.#prime();
    this.#kept.push(await this.#runRound(this.#kept.length, 1));
  }

  /** The round to measure again next: in which bare spread most, unless it has had its attempts. */
  spoilt(): { readonly index: number; readonly spread: number; readonly minutes: number } | undefined {
    const spoilt = this.#kept.flatMap((round, index) => {
      const spread = this.#spread(round);
      return spread > MOST_SPREAD && round.attempts < this.#attempts ? [{ index, spread, minutes: round.minutes }] : [];
    });
    return spoilt.toSorted((a, b) => b.spread - a.spread)[0];
  }

  /** Of both attempts that one is kept in which bare spread less. */
  async measureAgain(index: number): Promise<void> {
    const before = this.#kept[index];
    if (before === undefined) return;
    const again = await this.#runRound(index, before.attempts + 1);
    this.#kept[index] = this.#spread(again) < this.#spread(before) ? again : { ...before, attempts: again.attempts };
  }

  get problems(): readonly string[] {
    return this.#kept.flatMap(({ problems }) => problems);
  }

  get repeated(): readonly string[] {
    return this.#kept.flatMap((round, index) => {
      const spread = this.#spread(round);
      if (spread <= MOST_SPREAD && round.attempts === 1) return [];
      const times = round.attempts === 1 ? 'measured once' : `the best of ${round.attempts} attempts`;
      return [`${this.scenario.name}, round ${index + 1}: bare's two runs ${(spread * 100).toFixed(0)} % apart, ${times}`];
    });
  }

  figures(): Figures[] {
    return this.scenario.rows.map(({ value, ...row }) => ({ ...row, scenario: this.scenario.name, rounds: this.#valuesOf(value) }));
  }

  /** Spans that arrived for each operation, by candidate; those of the warm-up left out. */
  spans(): Record<string, number> {
    const { warmUp, requests } = this.scenario;
    const entries = this.#candidates.flatMap((candidate) => {
      const place = this.#place(candidate);
      const share = count(requests, place) / (count(warmUp, place) + count(requests, place));
      const own = this.#kept.flatMap(({ measured }) => measured.get(candidate.name) ?? []);
      if (!sends(candidate) || this.scenario.operations === 0 || own.length === 0) return [];
      return [[candidate.name, summarize(own.map(({ spans, operations }) => (spans * share) / operations)).median] as const];
    });
    return Object.fromEntries(entries);
  }

  /** The first start of a candidate writes the code cache that its others find. */
  async #prime(): Promise<void> {
    for (const candidate of this.#candidates) await runWorkload(candidate, this.scenario, this.#place(candidate));
  }

  async #runRound(index: number, attempts: number): Promise<Round> {
    const began = performance.now();
    const measured = new Map<string, Measurement>();
    const problems: string[] = [];
    const run = async (candidate: Candidate, name = candidate.name): Promise<void> => {
      const place = this.#place(candidate);
      const measurement = await runWorkload(candidate, this.scenario, place);
      measured.set(name, measurement);
      const missing = missingSpans(candidate, this.scenario, place, measurement.spans);
      if (missing !== undefined) problems.push(`${this.scenario.name}, ${name}, round ${index + 1}: ${missing}`);
    };
    const [bare, others] = [this.#candidates.filter(isBare), this.#candidates.filter((candidate) => !isBare(candidate))];
    const turn = index % Math.max(others.length, 1);
    for (const candidate of [...bare, ...others.slice(turn), ...others.slice(0, turn)]) await run(candidate);
    for (const candidate of bare) await run(candidate, BARE_AGAIN);
    return { measured, problems, attempts, minutes: (performance.now() - began) / 60_000 };
  }

  #spread({ measured }: Round): number {
    const [row] = this.scenario.rows;
    const [first, again] = [measured.get('bare'), measured.get(BARE_AGAIN)];
    if (row === undefined || first === undefined || again === undefined) return 0;
    const [low = 0, high = 0] = [row.value(first), row.value(again)].sort((a, b) => a - b);
    return (high - low) / low;
  }

  #valuesOf(value: Row['value']): Record<string, readonly number[]> {
    const names = [...(this.#kept[0]?.measured.keys() ?? [])];
    return Object.fromEntries(names.map((name) => [name, this.#kept.flatMap(({ measured }) => measured.get(name) ?? []).map(value)]));
  }
}

function isBare({ name }: Candidate): boolean {
  return name === 'bare';
}
