// Two of the same service under the same load at the same time: the collector of one goes away, hangs, and comes back. Neither memory nor latency nor
// the event loop of that one show it, and what is missing afterwards is what was counted as dropped.
// SIETCH_OTEL_TEST_AWAY_MINUTES=3 gives the long form, with a table; without it the collector is away for eight seconds.
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freshRedis, postgresUrl } from '../support/servers.ts';
import { held, type Used, used } from './soak-load.ts';
import { counted, percentile, SPANS_A_REQUEST, type SteadyApp, type SwitchedCollector, startWithCollector } from './steady-app.ts';

const LONG_MS = Number(process.env['SIETCH_OTEL_TEST_AWAY_MINUTES'] ?? 0) * 60_000;
const AWAY_MS = LONG_MS || 8_000;
const WARM_UP_MS = LONG_MS === 0 ? 2_000 : 20_000;
const SLICES = LONG_MS === 0 ? 2 : 12;
const PER_SECOND = Number(process.env['SIETCH_OTEL_TEST_PER_SECOND'] ?? 100);
/** The queue's 2048 spans, what they hang on, and code that is compiled late. */
const MAX_MORE_HEAP_BYTES = 24 * 1024 * 1024;
const MAX_MORE_RSS_BYTES = 64 * 1024 * 1024;
/** A wait for the collector would be seconds; a busy machine may take a part of one. */
const MAX_DELAY_MS = 500;

interface Side {
  readonly name: string;
  readonly steady: SteadyApp;
  readonly collector: SwitchedCollector;
  readonly slices: Used[];
  /** Of the time that the collector is away. */
  latenciesMs: readonly number[];
}

const MB = 1024 * 1024;

async function start(name: string): Promise<Side> {
  const env = {
    DATABASE_URL: postgresUrl(),
    REDIS_URL: await freshRedis(),
    OTEL_EXPORTER_OTLP_TIMEOUT: '2000',
    OTEL_LOGS_EXPORTER: 'otlp',
  };
  return { name, ...(await startWithCollector(env)), slices: [], latenciesMs: [] };
}

/** Both under load, so that what the machine does meanwhile happens to both. */
async function runSlices(sides: readonly Side[], count: number): Promise<void> {
  for (let slice = 0; slice < count; slice++) {
    await Promise.all(sides.map(({ steady }) => steady.run(PER_SECOND, AWAY_MS / SLICES)));
    for (const { steady, slices } of sides) slices.push(await used(steady.app));
  }
  for (const side of sides) side.latenciesMs = [...side.steady.latenciesMs];
}

interface Result {
  readonly heap: number;
  readonly made: number;
  readonly dropped: number;
  /** Of the spans that the requests must have made. */
  readonly missing: number;
}

/** When all that was kept has arrived. */
async function settle({ steady, collector }: Side, heap: number): Promise<Result> {
  const made = SPANS_A_REQUEST * steady.requests;
  const dropped = () => counted(steady.app, /^otel_sdk_(processor_span_processed|exporter_span_exported)_total\{.*error_type/);
  // What is still missing then is compared below.
  const arrived = async () => collector.spanIds.size + (await dropped()) >= made;
  await eventually('all that was not dropped has arrived', arrived, 60_000).catch(() => {});
  return {
    heap,
    made: await counted(steady.app, /^otel_sdk_processor_span_(processed_total|queue_size)\{/),
    dropped: await dropped(),
    missing: made - collector.spanIds.size,
  };
}

/** For docs/exit-and-overload.md. */
function print(sides: readonly Side[], results: readonly Result[]): void {
  const line = (what: string, value: (side: Side) => string) => console.info(`| ${what} | ${sides.map(value).join(' | ')} |`);
  const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
  line('collector', ({ name }) => name);
  line('requests', ({ latenciesMs }) => String(latenciesMs.length));
  line('latency p50, ms', ({ latenciesMs }) => percentile(latenciesMs, 0.5).toFixed(2));
  line('latency p99, ms', ({ latenciesMs }) => percentile(latenciesMs, 0.99).toFixed(2));
  line('CPU a request, µs', ({ slices, latenciesMs }) =>
    ((1000 * total(slices.map(({ cpuMs }) => cpuMs))) / latenciesMs.length).toFixed(0),
  );
  line('event loop delay p99, ms', ({ slices }) => {
    const delays = slices.map(({ delayMs }) => delayMs);
    return percentile(delays, 0.5).toFixed(1);
  });
  line('resident memory over time, MB', ({ slices }) => slices.map(({ rss }) => (rss / MB).toFixed(0)).join(' '));
  const result = (what: string, value: (result: Result) => string) => console.info(`| ${what} | ${results.map(value).join(' | ')} |`);
  result('heap at the end, MB', ({ heap }) => (heap / MB).toFixed(1));
  result('spans made', ({ made }) => String(made));
  result('counted as dropped', ({ dropped }) => String(dropped));
  result('missing at the collector', ({ missing }) => String(missing));
}

async function measure(there: Side, away: Side): Promise<Result[]> {
  const sides = [there, away];
  await Promise.all(sides.map(({ steady }) => steady.run(PER_SECOND, WARM_UP_MS)));
  for (const { steady } of sides) {
    await held(steady.app);
    steady.latenciesMs.length = 0;
  }
  await away.collector.turn('gone');
  await runSlices(sides, SLICES / 2);
  await away.collector.turn('hanging');
  await runSlices(sides, SLICES / 2);
  const heaps = [(await held(there.steady.app)).heap, (await held(away.steady.app)).heap];

  await away.collector.turn('there');
  const before = away.collector.spanIds.size;
  await eventually('what was kept arrives', () => away.collector.spanIds.size > before, 90_000);
  await away.steady.run(PER_SECOND, 1_000);
  return Promise.all(sides.map((side, index) => settle(side, heaps[index] ?? Number.NaN)));
}

test(
  'the app does not feel it, and what is missing is what was counted',
  async () => {
    const sides = [await start('there'), await start('away')] as const;
    const [there, away] = sides;
    try {
      const results = await measure(there, away);
      if (LONG_MS > 0) print(sides, results);
      const [whole, lost] = results;
      for (const { steady } of sides) expect(steady.refused).toEqual([]);
      expect(results.map(({ made }) => made)).toEqual(sides.map(({ steady }) => SPANS_A_REQUEST * steady.requests));
      expect(whole).toMatchObject({ dropped: 0, missing: 0 });
      expect(lost?.dropped).toBeGreaterThan(0);
      expect(lost?.missing).toBe(lost?.dropped);
      expect((lost?.heap ?? 0) - (whole?.heap ?? 0), 'more heap').toBeLessThan(MAX_MORE_HEAP_BYTES);
      const most = ({ slices }: Side) => Math.max(...slices.map(({ rss }) => rss));
      expect(most(away) - most(there), 'more resident memory').toBeLessThan(MAX_MORE_RSS_BYTES);
      for (const { delayMs } of away.slices) expect(delayMs).toBeLessThan(MAX_DELAY_MS);
      const [warnings] = await Promise.all(sides.map(({ steady }) => steady.stop()).reverse());
      expect(warnings).toMatch(/SIETCH091 .*: spans do not reach/);
      expect(warnings).toMatch(/SIETCH090 telemetry was dropped: \d+ spans: queue_full/);
    } finally {
      await Promise.all(sides.map(({ steady }) => steady.stop()));
      await Promise.all(sides.map(({ collector }) => collector.turn('gone')));
    }
  },
  240_000 + WARM_UP_MS + AWAY_MS,
);
