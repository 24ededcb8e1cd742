// What the counters write is read as it comes, and what is no count is none: a machine without the counter goes on to the next.
import { expect, test } from 'vitest';
import { cachegrind, perf } from './instructions.ts';

const HEAD = '# started on Sat Nov 28 17:23:07 2026\n\n';

test.each([
  ['a number', '1234567,,instructions:u,2034512,100.00,,\n', 1_234_567],
  ['both kinds of cores', '1000,,cpu_core/instructions/u,7,60.00,,\n234,,cpu_atom/instructions/u,5,40.00,,\n', 1234],
  ['one kind of core alone', '1000,,cpu_core/instructions/u,7,100.00,,\n<not counted>,,cpu_atom/instructions/u,0,0.00,,\n', 1000],
  ['no counter', '<not supported>,,instructions:u,0,100.00,,\n', undefined],
  ['a counter that is taken', '<not counted>,,instructions:u,0,0.00,,\n', undefined],
  ['another event', '77,,branches:u,2034512,100.00,,\n', undefined],
  ['nothing', '', undefined],
])('perf: %s', (_name, lines, count) => expect(perf.parse(HEAD + lines)).toBe(count));

test.each([
  ['a number', '==7== Cachegrind, a cache and branch-prediction profiler\n==7== \n==7== I   refs:      2,215,294,890\n', 2_215_294_890],
  ['version 3.22 and later', '==7== I refs:        2,215,294,890\n', 2_215_294_890],
  ['a process that was killed', '==7== Cachegrind, a cache and branch-prediction profiler\n', undefined],
])('cachegrind: %s', (_name, text, count) => expect(cachegrind.parse(text)).toBe(count));
