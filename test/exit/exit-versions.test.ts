// The end of the process leans on what Node does in `exit`, with signals and with worker threads: the same on each line that is supported.
import { expect, test } from 'vitest';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { nodeForTest } from '../support/requirements.ts';
import { end, endObserved, WAYS } from './exit-ways.ts';

const CHOSEN = ['exit', 'throw in a span', 'natural', 'signal', 'signal, listener exits', 'signal, listener counts'];
const ways = WAYS.filter(({ way, signal }) => CHOSEN.includes(way) && signal !== 'SIGINT');

test.for(['22', '24', '26'] as const)('Node.js %s', { timeout: INSTALLING_MS }, async (major) => {
  const node = await nodeForTest(major);
  for (const way of ways) {
    const bare = await end(way, { preload: 'none', node });
    const { ending, spans, logs } = await endObserved(way, { node });
    expect([way.way, ...[...spans].sort()]).toEqual([way.way, ...[...way.spans].sort()]);
    expect([...logs].sort()).toEqual([...way.logs].sort());
    expect({ ...ending, ms: 0 }).toEqual({ ...bare, ms: 0 });
  }
});
