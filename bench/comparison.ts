// Compares the candidates of a line of Node.js in rounds of all scenarios, as many as there is time for.

import { performance } from 'node:perf_hooks';
import type { Comparison } from './record.ts';
import { Rounds } from './rounds.ts';
import type { Scenario } from './scenarios.ts';
import { type Line, say } from './session.ts';

export interface Effort {
  /** At least so many rounds, whatever they take. */
  readonly atLeast: number;
  readonly atMost: number;
  /** No round begins that would end later, going by the last one. */
  readonly minutes: number;
  /** How often a round is measured before one that is spoilt is kept. */
  readonly attempts: number;
}

export async function compare(line: Line, scenarios: readonly Scenario[], effort: Effort): Promise<Comparison> {
  const all = scenarios.map((scenario) => new Rounds(scenario, line.candidates, line.place, effort.attempts));
  const began = performance.now();
  const minutes = () => (performance.now() - began) / 60_000;
  let last = 0;
  let rounds = 0;
  while (rounds < effort.atLeast || (rounds < effort.atMost && minutes() + last < effort.minutes)) {
    const before = minutes();
    for (const each of all) await each.measure();
    last = minutes() - before;
    rounds += 1;
    say(`Node ${line.major}: round ${rounds} took ${last.toFixed(1)} minutes`);
  }
  return {
    ...line.conditions(),
    rounds,
    minutes: minutes(),
    candidates: line.candidates.map(({ name }) => name),
    figures: all.flatMap((each) => each.figures()),
    spans: Object.fromEntries(all.map((each) => [each.scenario.name, each.spans()])),
    repeated: all.flatMap(({ repeated }) => repeated),
    problems: all.flatMap(({ problems }) => problems),
  };
}
