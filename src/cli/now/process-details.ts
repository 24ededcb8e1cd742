// Draws one process in full: what is open, who holds what, and how the process itself is.

import type { ExportState, ProcessState, RecorderState } from '../../now/process-state.js';
import type { BreakerNow, PoolState, RedisConnection } from '../../observe/live-state.js';
import type { Paper } from '../../view/paper.js';
import { marked, OLD_S, SLOW_LOOP_S } from './process-table.js';
import { type Cell, type Column, drawLine, drawTable } from './table.js';
import { bytes, percent, seconds } from './units.js';

const NONE = '-';
const AGE: Column = { title: 'AGE', align: 'right' };
const TRACE: Column = { title: 'TRACE', least: 8 };
const WAITS: Column = { title: 'WAITS FOR', least: 16 };
/** Share of the heap's limit from which on it is marked. */
const FULL_HEAP = 0.85;

export function drawProcess(state: ProcessState, paper: Paper): string[] {
  return [
    ...drawHead(state, paper),
    ...drawRequests(state, paper),
    ...drawJobs(state, paper),
    ...drawPools(state.pools, state.counts.pools, paper),
    ...drawRedis(state.redis, state.counts.redis, paper),
    ...drawBreakers(state.breakers, state.counts.breakers, paper),
    ...drawList('Loaded and not observed', state.unobserved, paper),
    ...drawList('Written on stderr by the distribution', state.diagnostics, paper),
  ];
}

function drawHead(
  { service, pid, uptime, node, distribution, program, eventLoop, memory, exports, recorder }: ProcessState,
  paper: Paper,
): string[] {
  const { delay, longestBlock, watchedFor, utilization } = eventLoop;
  const title = `${service.name}${service.version === undefined ? '' : ` ${service.version}`}  pid ${pid}, up ${seconds(uptime)}`;
  const block = longestBlock === undefined ? 'no block known' : `longest block of the last minute ${seconds(longestBlock)}`;
  const watched = watchedFor > 0 ? ` (watched for ${seconds(watchedFor)})` : '';
  const isSlow = Math.max(delay, longestBlock ?? 0) >= SLOW_LOOP_S;
  const isFull = memory.heapUsed / memory.heapLimit >= FULL_HEAP;
  const heap = `heap ${bytes(memory.heapUsed)} of ${bytes(memory.heapLimit)} (${percent(memory.heapUsed / memory.heapLimit)})`;
  return [
    drawLine(title, paper, 'bold'),
    drawLine(`program     ${program ?? NONE}`, paper),
    drawLine(`runs        Node.js ${node}, @sietch/otel ${distribution}, instance ${service.instance ?? NONE}`, paper),
    drawLine(`event loop  delay ${seconds(delay)}, busy ${percent(utilization)}, ${block}${watched}`, paper, isSlow ? 'alarm' : undefined),
    drawLine(`memory      rss ${bytes(memory.rss)}, ${heap}`, paper, isFull ? 'alarm' : undefined),
    ...exports.map((queue) => drawLine(`export      ${describeQueue(queue)}`, paper, hasTrouble(queue) ? 'alarm' : undefined)),
    ...(recorder === undefined ? [] : [drawLine(`recorder    ${describeRecorder(recorder)}`, paper)]),
  ];
}

function describeQueue({ what, target, fill, made, sent, failures, dropped }: ExportState): string {
  return `${what}: ${sent} of ${made} sent, dropped: ${describeCounts(dropped)}, ${failures} failed exports, queue ${percent(fill)} full, to ${target}`;
}

function describeRecorder({ waiting, bytes: size, recorded, kept, lost, refused }: RecorderState): string {
  const wait = `${waiting} of ${recorded} recorded traces wait (${bytes(size)})`;
  return [wait, `sent: ${describeCounts(kept)}`, `not sent: ${describeCounts({ ...lost, ...refused })}`].join(', ');
}

function describeCounts(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([cause, count]) => `${count} (${cause})`).join(', ') || 'none';
}

function hasTrouble({ fill, dropped }: ExportState): boolean {
  return fill >= FULL_HEAP || Object.values(dropped).some((count) => count > 0);
}

function drawRequests({ requests, counts }: ProcessState, paper: Paper): string[] {
  const rows = requests.map(({ method, route, age, traceId, waitsFor }) => [
    old(age),
    `${method} ${route ?? '(no route)'}`,
    waitsFor,
    traceId ?? NONE,
  ]);
  if (counts.requests === 0) return ['', drawLine('Open requests: none', paper, 'bold')];
  return drawSection('Open requests', counts.requests, [AGE, { title: 'REQUEST', least: 12 }, WAITS, TRACE], rows, paper);
}

function drawJobs({ jobs, counts }: ProcessState, paper: Paper): string[] {
  const rows = jobs.map((job) => [
    old(job.age),
    job.queue,
    job.id,
    String(job.attempt),
    job.step ?? NONE,
    job.lockExpiresIn === undefined ? NONE : marked(seconds(Math.max(0, job.lockExpiresIn)), job.lockExpiresIn <= 0),
    job.waitsFor,
    job.traceId ?? NONE,
  ]);
  const columns: Column[] = [
    AGE,
    { title: 'QUEUE', least: 8 },
    { title: 'JOB', least: 6 },
    { title: 'ATTEMPT', align: 'right' },
    { title: 'STEP', least: 6 },
    { title: 'LOCK', align: 'right' },
    WAITS,
    TRACE,
  ];
  return drawSection('Active jobs', counts.jobs, columns, rows, paper);
}

function drawPools(pools: readonly PoolState[], count: number, paper: Paper): string[] {
  const rows = pools.map(({ library, name, size, max, idle, waiting }) => [
    `${library} ${name}`,
    max === undefined ? String(size) : `${size} of ${max}`,
    String(size - idle),
    String(idle),
    marked(String(waiting), waiting > 0),
  ]);
  const columns: Column[] = [
    { title: 'POOL', least: 12 },
    { title: 'SIZE', align: 'right' },
    { title: 'IN USE', align: 'right' },
    { title: 'IDLE', align: 'right' },
    { title: 'WAITING', align: 'right' },
  ];
  return [...drawSection('Pools', count, columns, rows, paper), ...pools.flatMap((pool) => drawClients(pool, paper))];
}

function drawClients({ name, clients, size, idle }: PoolState, paper: Paper): string[] {
  const rows = clients.map((client) => [
    old(client.heldFor),
    client.holder ?? NONE,
    client.statement === undefined
      ? NONE
      : `${client.statement}${client.statementAge === undefined ? '' : ` ${seconds(client.statementAge)}`}`,
    client.idleInTransactionFor === undefined ? NONE : marked(seconds(client.idleInTransactionFor), true),
    client.traceId ?? NONE,
  ]);
  const columns: Column[] = [
    { title: 'HELD', align: 'right' },
    { title: 'HOLDER', least: 12 },
    { title: 'STATEMENT', least: 16 },
    { title: 'IDLE IN TX', align: 'right' },
    TRACE,
  ];
  const stacks = clients.flatMap(({ stack, heldFor }) =>
    stack === undefined ? [] : [`Checked out ${seconds(heldFor)} ago`, ...stack.split('\n')],
  );
  const drawn = drawSection(`Clients of ${name} in use`, Math.max(size - idle, clients.length), columns, rows, paper);
  return [...drawn, ...stacks.map((line) => drawLine(line.trim().startsWith('at ') ? `  ${line.trim()}` : line, paper))];
}

function drawRedis(connections: readonly RedisConnection[], count: number, paper: Paper): string[] {
  const rows = connections.map((connection) => [
    `${connection.library} ${connection.address}`,
    connection.status,
    String(connection.inFlight),
    marked(String(connection.offlineQueue), connection.offlineQueue > 0),
    connection.oldestCommand ?? NONE,
    connection.oldestAge === undefined ? NONE : old(connection.oldestAge),
  ]);
  const columns: Column[] = [
    { title: 'REDIS', least: 12 },
    { title: 'STATUS', least: 6 },
    { title: 'IN FLIGHT', align: 'right' },
    { title: 'OFFLINE QUEUE', align: 'right' },
    { title: 'OLDEST COMMAND', least: 8 },
    AGE,
  ];
  return drawSection('Redis connections', count, columns, rows, paper);
}

function drawBreakers(breakers: readonly BreakerNow[], count: number, paper: Paper): string[] {
  const rows = breakers.map(({ name, state, nextProbeIn }) => [
    name,
    marked(state, state !== 'closed'),
    nextProbeIn === undefined ? NONE : seconds(Math.max(0, nextProbeIn)),
  ]);
  const columns: Column[] = [{ title: 'BREAKER', least: 12 }, { title: 'STATE' }, { title: 'NEXT PROBE IN', align: 'right' }];
  return drawSection('Circuit breakers', count, columns, rows, paper);
}

function drawSection(title: string, count: number, columns: readonly Column[], rows: readonly (readonly Cell[])[], paper: Paper): string[] {
  if (count === 0) return [];
  const shown = rows.length < count ? `, the first ${rows.length} of them` : '';
  return ['', drawLine(`${title}: ${count}${shown}`, paper, 'bold'), ...(rows.length === 0 ? [] : drawTable(columns, rows, paper))];
}

function drawList(title: string, lines: readonly string[], paper: Paper): string[] {
  return lines.length === 0 ? [] : ['', drawLine(title, paper, 'bold'), ...lines.map((line) => drawLine(`  ${line}`, paper))];
}

function old(age: number): Cell {
  return marked(seconds(age), age >= OLD_S);
}
