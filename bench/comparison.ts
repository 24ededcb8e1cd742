// Compares the candidates of a line of Node.js in rounds of all scenarios. In the time that is left spoilt rounds are measured again, then more are added.

import { performance } from 'node:perf_hooks';
import type { Comparison } from './record.ts';
import { Rounds } from './rounds.ts';
import type { Scenario } from './scenarios.ts';
import { type Line, say } from './session.ts';

export interface Effort {
  /** At least so many rounds, whatever they take. */
  readonly atLeast: number;
  readonly atMost: number;
  /** Beyond the least, nothing begins that would end later, going by how long it took before. */
  readonly minutes: number;
  /** How often a round is measured at most before one that is spoilt is kept. */
  readonly attempts: number;
}

export async function compare(line: Line, scenarios: readonly Scenario[], effort: Effort): Promise<Comparison> {
  const all = scenarios.map((scenario) => new Rounds(scenario, line.candidates, line.place, effort.attempts));
  const began = performance.now();
  const minutes = () => (performance.now() - began) / 60_000;
  let last = 0;
  let rounds = 0;
  const addRound = async (): Promise<void> => {
    const before = minutes();
    for (const each of all) {
      const began = performance.now();
      await each.measure();
      say(`Node ${line.major}: ${each.scenario.name} ${((performance.now() - began) / 60_000).toFixed(2)}`);
    }
    last = minutes() - before;
    rounds += 1;
    say(`Node ${line.major}: round ${rounds} took ${last.toFixed(1)} minutes`);
  };
  while (rounds < effort.atLeast) await addRound();
  for (;;) {
    const spoilt = mostSpoilt(all, effort.minutes - minutes());
    if (spoilt !== undefined) await spoilt.measureAgain();
    else if (rounds < effort.atMost && minutes() + last < effort.minutes) await addRound();
    else break;
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

function mostSpoilt(all: readonly Rounds[], minutesLeft: number): { measureAgain(): Promise<void> } | undefined {
  const found = all.flatMap((rounds) => {
    const spoilt = rounds.spoilt();
    return spoilt !== undefined && spoilt.minutes < minutesLeft
      ? [{ spread: spoilt.spread, measureAgain: () => rounds.measureAgain(spoilt.index) }]
      : [];
  });
  return found.toSorted((a, b) => b.spread - a.spread)[0];
}
