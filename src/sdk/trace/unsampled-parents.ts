// How many spans were not recorded because the caller, in another process, has not sampled the trace. For the doctor.

let count = 0;

export function countUnsampledParent(): void {
  count++;
}

export function unsampledParents(): number {
  return count;
}
