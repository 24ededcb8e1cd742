// Who is ahead in each row, and whether the run before says the same. Candidates whose confidence intervals overlap are level.

import { against, isBase, markdownTable } from './figures.ts';
import { BARE_AGAIN, type Comparison, type Figures } from './record.ts';
import { type Interval, medianInterval, summarize } from './statistics.ts';

interface Place {
  readonly name: string;
  /** Greater is worse. */
  readonly cost: number;
  readonly interval: Interval;
}

/** The rows with at least two candidates beside bare: the best first, `=` between those that are level. */
export function orderTable({ figures }: Comparison, before: Comparison | undefined): string[] {
  const rows = figures.flatMap((row) => {
    const places = placesOf(row);
    if (places.length < 2) return [];
    const cells = [row.title, textOf(places)];
    const rowBefore = before?.figures.find(({ title }) => title === row.title);
    if (rowBefore === undefined) return [cells];
    const placesBefore = placesOf(rowBefore);
    return [[...cells, textOf(placesBefore), reversals(places, placesBefore)]];
  });
  return markdownTable(before === undefined ? ['', 'order'] : ['', 'this run', 'the run before', 'contradiction'], rows);
}

function placesOf(row: Figures): Place[] {
  const sign = row.unit === 'requests/s' ? -1 : 1;
  const places = Object.keys(row.rounds).flatMap((name) => {
    const costs = against(row, name).map((value) => value * sign);
    return isBase(name) || name === BARE_AGAIN ? [] : [{ name, cost: summarize(costs).median, interval: medianInterval(costs) }];
  });
  return places.toSorted((a, b) => a.cost - b.cost);
}

/** Whoever begins before the worst of the group ends belongs to it. */
function levelGroups(places: readonly Place[]): string[][] {
  const groups: string[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { name, interval } of places) {
    const group = interval.low <= end ? groups.at(-1) : undefined;
    if (group === undefined) groups.push([name]);
    else group.push(name);
    end = Math.max(end, interval.high);
  }
  return groups;
}

/** The pairs of which one is ahead in this run, the other in the run before, and that are level in neither. */
function reversals(places: readonly Place[], before: readonly Place[]): string {
  const earlier = new Map(before.map(({ name, interval }) => [name, interval]));
  const found = places.flatMap(({ name, interval }, index) =>
    places.slice(index + 1).flatMap((other) => {
      const [first, second] = [earlier.get(name), earlier.get(other.name)];
      if (first === undefined || second === undefined) return [];
      return interval.high < other.interval.low && second.high < first.low ? [`${name}, ${other.name}`] : [];
    }),
  );
  return found.length === 0 ? 'none' : found.join('; ');
}

function textOf(places: readonly Place[]): string {
  return levelGroups(places)
    .map((group) => group.join(' = '))
    .join(' < ');
}
