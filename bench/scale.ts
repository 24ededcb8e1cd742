// What an operation costs against load, lanes, distinct names and processes: it is not to grow with any of them.

import { compare, type Effort } from './comparison.ts';
import type { Comparison } from './record.ts';
import { cpuPerOperation, type Row, SCENARIOS, type Scenario } from './scenarios.ts';
import type { Line } from './session.ts';

const LOADS = [100, 1000, 5000];
const LANES = [1, 50, 500];
const DISTINCT = [10, 1000, 10_000];
const PROCESSES = [1, 8];
const LOAD_SECONDS: readonly [number, number] = [4, 1];

export async function measureScale(line: Line, effort: Effort, only?: readonly string[]): Promise<Comparison> {
  const hello = SCENARIOS.find(({ name }) => name === 'hello');
  if (hello === undefined) throw new Error('no scenario hello');
  const all = [
    ...LOADS.map((each) => underLoad(hello, each)),
    ...LANES.map((each) => withLanes(hello, each)),
    ...DISTINCT.map(withNames),
    ...PROCESSES.map(inProcesses),
  ];
  const wanted = all.filter(({ rows: [row] }) => only?.includes(row?.axis?.name ?? '') ?? true);
  return compare(line, wanted, effort);
}

const row = (name: NonNullable<Row['axis']>['name'], at: number, what: string): Row => ({
  ...cpuPerOperation(`${name}: ${at} ${what}`),
  axis: { name, at },
});

function underLoad(hello: Scenario, perSecond: number): Scenario {
  const requests: [number, number] = [perSecond * LOAD_SECONDS[0], perSecond * LOAD_SECONDS[1]];
  const rows = [row('load', perSecond, 'requests a second')];
  return { ...hello, name: `load-${perSecond}`, warmUp: [10_000, 500], requests, connections: 20, perSecond, rows };
}

function withLanes(hello: Scenario, connections: number): Scenario {
  return {
    ...hello,
    warmUp: [15_000, 500],
    requests: [5000, 500],
    name: `lanes-${connections}`,
    connections,
    rows: [row('lanes', connections, 'connections at once')],
  };
}

/** Routes, SQL statements and Redis keys, all of them seen before the measurement begins. */
function withNames(distinct: number): Scenario {
  return {
    name: `distinct-${distinct}`,
    file: 'distinct.js',
    path: (index) => `/route-${index % distinct}`,
    env: { DISTINCT: String(distinct) },
    warmUp: [10_000, distinct],
    requests: [3000, 200],
    operations: 1,
    connections: 20,
    spans: 2,
    rows: [row('distinct', distinct, 'routes, statements and keys')],
  };
}

/** Requests are a multiple of the connections: each process ends by itself when it has answered its share. */
function inProcesses(processes: number): Scenario {
  return {
    name: `processes-${processes}`,
    file: 'cluster.js',
    processes,
    warmUp: [3200 * processes, 400 * processes],
    requests: [1600 * processes, 400 * processes],
    operations: 1,
    connections: 8 * processes,
    spans: 0,
    rows: [row('processes', processes, 'in a cluster')],
  };
}
