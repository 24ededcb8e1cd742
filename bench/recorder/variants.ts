// What is compared: the recorder beside head sampling alone, ours and upstream's, at 1 % and at 100 %.
import { type Candidate, candidatesOn } from '../candidates.ts';

export interface Variant {
  readonly name: string;
  readonly candidate: Candidate;
  readonly env: Readonly<Record<string, string>>;
}

const head = (share: number) => ({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: String(share) });

export const RECORDER_ON = { SIETCH_OTEL_RECORDER: 'on' };

export const RECORDER: Variant = { name: 'recorder, 1 %', candidate: candidate('sietch'), env: { ...head(0.01), ...RECORDER_ON } };
export const WITHOUT: Variant = { name: 'sietch, 1 %', candidate: candidate('sietch'), env: head(0.01) };

export const BARE: Variant = { name: 'no preload', candidate: candidate('bare'), env: {} };

export const VARIANTS: readonly Variant[] = [
  RECORDER,
  WITHOUT,
  { name: 'sietch, 100 %', candidate: candidate('sietch'), env: head(1) },
  { name: 'upstream, 1 %', candidate: candidate('upstream'), env: head(0.01) },
  { name: 'upstream, 100 %', candidate: candidate('upstream'), env: head(1) },
];

export function candidate(name: string): Candidate {
  const found = candidatesOn('20').find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`There is no candidate ${name}`);
  return found;
}
