// Prints the README's exit table: each way of ending, bare and under the preload, with a collector and with one that hangs.
// Usage: npx tsx test/exit/exit-table.ts [ways as in the first column]   (SIETCH_OTEL_TEST_ROUNDS=50 for the numbers to publish, default 3;
// SIETCH_OTEL_TEST_HANGING_ROUNDS of them with a collector that hangs, default 3). Exits with 1 when anything was lost or changed.
import { ENV, type Ending, end, endObserved, startHangingCollector, WAYS, type Way } from './exit-ways.ts';

const ROUNDS = Number(process.env['SIETCH_OTEL_TEST_ROUNDS'] ?? 3);

/** The table is about the bound that people have: the default. */
const DEFAULT_BOUND = { SIETCH_OTEL_SHUTDOWN_MS: undefined };
/** Each takes the whole bound. */
const HANGING_ROUNDS = Number(process.env['SIETCH_OTEL_TEST_HANGING_ROUNDS'] ?? 3);

interface Row {
  readonly way: Way;
  readonly bare: Ending;
  arrivedSpans: number;
  arrivedLogs: number;
  same: number;
  readonly addedMs: number[];
  readonly hangingMs: number[];
  /** Code and signal as bare with the collector that hangs; its stderr has our line more. */
  hangingSame: number;
}

async function measure(way: Way): Promise<Row> {
  const bare = await end(way, { preload: 'none' });
  const row: Row = { way, bare, arrivedSpans: 0, arrivedLogs: 0, same: 0, addedMs: [], hangingMs: [], hangingSame: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const alone = await end(way, { preload: 'none' });
    const { ending, spans, logs } = await endObserved(way, { env: DEFAULT_BOUND });
    row.arrivedSpans += count(way.spans, spans);
    row.arrivedLogs += count(way.logs, logs);
    if (isSame(ending, bare)) row.same++;
    row.addedMs.push(ending.ms - alone.ms);
    if (round >= HANGING_ROUNDS) continue;
    const hanging = await endHanging(way);
    row.hangingMs.push(hanging.ms - alone.ms);
    if (hanging.code === bare.code && hanging.signal === bare.signal) row.hangingSame++;
  }
  return row;
}

async function endHanging(way: Way): Promise<Ending> {
  const collector = await startHangingCollector();
  try {
    return await end(way, { receiver: collector, env: { ...ENV, ...DEFAULT_BOUND } });
  } finally {
    await collector.close();
  }
}

function count(expected: readonly string[], arrived: readonly string[]): number {
  return expected.filter((name) => arrived.includes(name)).length;
}

function isSame(a: Ending, b: Ending): boolean {
  return a.code === b.code && a.signal === b.signal && a.stdout === b.stdout && a.stderr === b.stderr;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** `SIGTERM, listener exits`. */
function nameOf({ way, signal }: Way): string {
  return signal === undefined ? way : way.replace('signal', signal);
}

function line({ way, bare, arrivedSpans, arrivedLogs, same, addedMs, hangingMs, hangingSame }: Row): string {
  const cells = [
    nameOf(way),
    `${arrivedSpans} of ${way.spans.length * ROUNDS}`,
    `${arrivedLogs} of ${way.logs.length * ROUNDS}`,
    bare.signal ?? String(bare.code),
    `${same} of ${ROUNDS}`,
    `+${median(addedMs).toFixed(0)}`,
    `+${median(hangingMs).toFixed(0)} (${hangingSame} of ${hangingMs.length})`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function isWhole({ way, arrivedSpans, arrivedLogs, same, hangingMs, hangingSame }: Row): boolean {
  return (
    hangingSame === hangingMs.length &&
    arrivedSpans === way.spans.length * ROUNDS &&
    arrivedLogs === way.logs.length * ROUNDS &&
    same === ROUNDS
  );
}

const HEAD = [
  'way to end',
  'spans arrived',
  'log records arrived',
  'ends with',
  'code, signal and output as bare',
  'ms added',
  'ms added, collector hangs (code and signal as bare)',
];

async function main(): Promise<void> {
  console.log(`| ${HEAD.join(' | ')} |\n|${'---|'.repeat(HEAD.length)}`);
  const chosen = process.argv.slice(2);
  for (const way of WAYS.filter((each) => chosen.length === 0 || chosen.includes(nameOf(each)))) {
    const row = await measure(way);
    console.log(line(row));
    if (!isWhole(row)) process.exitCode = 1;
  }
}

void main();
