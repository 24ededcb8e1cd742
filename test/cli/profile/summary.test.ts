// What is counted of a CPU profile in V8's format, and what is said of it.
import { expect, test } from 'vitest';
import { type CpuProfile, isCpuProfile, printSummary, summarizeProfile } from '../../../src/cli/profile/summary.js';

const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });

/** The same function is called from two places: nodes 4 and 5. */
const nodes = [
  { id: 1, callFrame: frame('(root)') },
  { id: 2, callFrame: frame('(idle)') },
  { id: 3, callFrame: frame('(garbage collector)') },
  { id: 4, callFrame: frame('burn', 'file:///app/src/burn.js', 9) },
  { id: 5, callFrame: frame('burn', 'file:///app/src/burn.js', 9) },
  { id: 6, callFrame: frame('', 'file:///lib/x.js', 0) },
  { id: 7, callFrame: frame('listen\u001b[31m', 'node:net', 41) },
];
// Each sample lasts until the next: 2 ms idle, 1 GC, 3 + 2 burn, 1 anonymous, 1 listen; the last has no end.
const profile: CpuProfile = {
  nodes,
  startTime: 1_000_000,
  endTime: 1_011_000,
  samples: [2, 3, 4, 5, 6, 7, 2],
  timeDeltas: [1_000, 2_000, 1_000, 3_000, 2_000, 1_000, 1_000],
};

test('self times by function, shares of the busy time', () => {
  const routes = [
    { name: 'queue mails', milliseconds: 2 },
    { name: 'route /x', milliseconds: 4 },
  ];
  expect(summarizeProfile(profile, routes, '/app')).toEqual({
    seconds: 0.011,
    busy: 0.8,
    functions: [
      { name: 'burn', place: 'src/burn.js:10', share: 0.625 },
      { name: '(garbage collector)', place: '', share: 0.125 },
      { name: '(anonymous)', place: '/lib/x.js:1', share: 0.125 },
      { name: 'listen\u001b[31m', place: 'node:net:42', share: 0.125 },
    ],
    routes: [
      { name: 'route /x', share: 0.5 },
      { name: 'queue mails', share: 0.25 },
      { name: 'no route or queue', share: 0.25 },
    ],
  });
});

test('the routes never have more than all of it', () => {
  const { routes } = summarizeProfile(profile, [{ name: 'route /x', milliseconds: 16 }], '/app');
  expect(routes).toEqual([
    { name: 'route /x', share: 1 },
    { name: 'no route or queue', share: 0 },
  ]);
});

test('an idle process has no shares', () => {
  const idle = { ...profile, samples: [2, 2], timeDeltas: [0, 1_000] };
  expect(summarizeProfile(idle, [], '/app')).toMatchObject({ busy: 0, functions: [], routes: [] });
});

test('no escape code reaches the terminal', () => {
  const routes = [{ name: 'route /\u001b]0;title\u0007', milliseconds: 4 }];
  const text = printSummary(summarizeProfile(profile, routes, '/app'), { width: 80, colors: false, boxes: true });
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  expect(text).toContain('listen [31m');
  expect(text).toContain('route / ]0;title');
});

test('what is no profile is recognised', () => {
  expect(isCpuProfile(profile)).toBe(true);
  for (const value of [null, [], {}, { ...profile, samples: ['1'] }, { ...profile, nodes: [{ id: 1 }] }])
    expect(isCpuProfile(value)).toBe(false);
});
