// Makes the SDK find its series ten times as fast. For every measurement it sorts the names of the attributes and writes all of them as JSON, to have a key:
// 2.2 µs of a histogram's `record()`. The key is the same text each time for the same attributes, so it is remembered in a tree: 0.2 µs.
// The function is not exported; where it is not found as it is in sdk-metrics 2.12 (this package pins the version), all stays as it was.
import type { Attributes } from '@opentelemetry/api';
import { SeriesTable } from './series-table.js';

interface Hashing {
  hashAttributes(attributes: Attributes): string;
}

/** About 3 MB when full, which takes several thousand series; those that come later have their keys made each time. */
const MAX_NODES = 20_000;
const PROBE: Attributes = { b: 'x', a: [1, 2] };
const PROBE_KEY = '[["a",[1,2]],["b","x"]]';

let isDone = false;

/** To be called before instruments are created. Returns whether it is done. */
export function speedUpSeriesLookup(): boolean {
  if (isDone) return true;
  try {
    const hashing: Hashing = require('@opentelemetry/sdk-metrics/build/src/utils');
    const original = hashing.hashAttributes;
    if (original(PROBE) !== PROBE_KEY) return false;
    hashing.hashAttributes = rememberKeys(original);
    isDone = hashing.hashAttributes !== original;
  } catch {
    // Another version, bundled or frozen.
  }
  return isDone;
}

/** Gives the keys that `makeKey` does. */
export function rememberKeys(makeKey: Hashing['hashAttributes']): Hashing['hashAttributes'] {
  const keys = new SeriesTable<string>(MAX_NODES);
  return (attributes) => keys.findOrAdd(attributes, makeKey) ?? makeKey(attributes);
}
