// What a series of a histogram has measured since it was looked at last, in one row of numbers: sum, least, greatest, then the count of each bucket.
export const SUM = 0;
export const LEAST = 1;
export const GREATEST = 2;
export const COUNTS = 3;

export type Accumulation = Float64Array;

export function createCells(buckets: number): Accumulation {
  const cells = new Float64Array(COUNTS + buckets);
  clearCells(cells);
  return cells;
}

export function clearCells(cells: Accumulation): void {
  cells.fill(0);
  cells[LEAST] = Number.POSITIVE_INFINITY;
  cells[GREATEST] = Number.NEGATIVE_INFINITY;
}

export function areCellsEmpty(cells: Accumulation): boolean {
  return cells[GREATEST] === Number.NEGATIVE_INFINITY;
}
