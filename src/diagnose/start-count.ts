// Counts the calls of start() in this process, by whichever copy of this package, without the one
// of the doctor.

const STARTS = Symbol.for('@sietch/otel.starts');
const registry: typeof globalThis & { [STARTS]?: number } = globalThis;

export function countStart(): void {
  registry[STARTS] = startCount() + 1;
}

export function discountStart(): void {
  registry[STARTS] = startCount() - 1;
}

export function startCount(): number {
  return registry[STARTS] ?? 0;
}
