// Counts the spans that were sampled out because the caller, in another process, has not sampled
// the trace. The doctor reports it.

let count = 0;

export function countUnsampledParent(): void {
  count++;
}

export function unsampledParents(): number {
  return count;
}
