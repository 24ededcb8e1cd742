// A misspelt variable does nothing and says nothing; this finds such names and the one that was probably meant.
import type { Environment } from './read.js';

const PREFIX = 'SIETCH_OTEL_';

/** One line for each `SIETCH_OTEL_*` variable that no table knows. */
export function unknownNames(env: Environment, known: readonly string[]): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || known.includes(name) || name.startsWith(`${PREFIX}TEST_`)) continue;
    const nearest = nearestName(name, known);
    problems.push(`${name}: unknown variable, ignored${nearest === undefined ? '' : `; did you mean ${nearest}?`}`);
  }
  return problems;
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.ceil(name.length / 3);
  for (const candidate of known) {
    if (!candidate.startsWith(PREFIX)) continue;
    // One word too many or too few is a smaller mistake than as many wrong letters.
    const distance = differentWords(name, candidate) === 1 ? 1 : editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Words, between underscores, that only one of the names has. */
function differentWords(a: string, b: string): number {
  const [inA, inB] = [new Set(a.split('_')), new Set(b.split('_'))];
  return [...inA].filter((word) => !inB.has(word)).length + [...inB].filter((word) => !inA.has(word)).length;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
