// Whether all spans arrived: nobody is to be cheap by dropping them.

import type { Candidate } from './candidates.ts';
import type { Scenario } from './scenarios.ts';
import { count, isSampled, type Place } from './workload.ts';

/** At most: each may have a span of its own. */
const OPENED_CONNECTIONS = 12;

/** Whether it is there to send spans. */
export function sends({ name }: Candidate): boolean {
  return name !== 'bare' && name !== 'deno-bare';
}

/** What is wrong with the number of spans; undefined when it is right. Sietch must have sent exactly what a scenario says, others at least that. */
export function missingSpans(candidate: Candidate, scenario: Scenario, place: Pick<Place, 'quick'>, arrived: number): string | undefined {
  if (!sends(candidate) || scenario.scrapes !== undefined) return undefined;
  const expected = expectedSpans(scenario, place);
  const most = candidate.name === 'sietch' ? expected + OPENED_CONNECTIONS : Number.POSITIVE_INFINITY;
  return arrived >= expected && arrived <= most ? undefined : `${arrived} spans arrived, expected ${expected}`;
}

function expectedSpans(scenario: Scenario, place: Pick<Place, 'quick'>): number {
  const requests = count(scenario.warmUp, place) + count(scenario.requests, place);
  let sampled = 0;
  for (let index = 0; index < requests; index++) if (isSampled(index, scenario)) sampled += 1;
  return sampled * (1 + scenario.operations * scenario.spans);
}
