// The API never throws into the app, whatever it is given, and what else is in the same batch arrives. CI makes two thousand calls;
// SIETCH_OTEL_TEST_FUZZ_CALLS=100000 makes as many as one likes, SIETCH_OTEL_TEST_FUZZ_SEED others.
import { expect, test, vi } from 'vitest';
import { type App, runApp } from '../../support/app.ts';
import { lastPoint, type Receiver, startReceiver } from '../../support/otlp.ts';

const CALLS = Number(process.env['SIETCH_OTEL_TEST_FUZZ_CALLS'] ?? 2_000);
const SEED = process.env['SIETCH_OTEL_TEST_FUZZ_SEED'] ?? '1';
/** For a run of any length on a busy machine. */
const TIMEOUT_MS = 60_000 + CALLS * 10;
const WAIT = { timeout: 30_000, interval: 100 };

interface Outcome {
  calls: number;
  throws: readonly { call: string; error: string }[];
  thrown: number;
  neighbours: number;
}

test.each(['http/json', 'http/protobuf'])(
  'over %s no call throws, each proper span, record and measurement arrives, and the queues are empty afterwards',
  async (protocol) => {
    const receiver = await startReceiver({ maxSpans: 4 * CALLS, maxLogs: 4 * CALLS });
    const app = runApp('test/app/api-fuzz.cjs', { receiver, env: env(protocol) });
    try {
      const outcome = await app.waitForMessage((message) => asOutcome(message), TIMEOUT_MS);
      expect(outcome.throws).toEqual([]);
      expect(outcome).toMatchObject({ calls: CALLS, thrown: 0 });
      const all = outcome.neighbours;
      await vi.waitFor(() => expect(arrived(receiver)).toEqual({ spans: all, logs: all }), WAIT);
      await vi.waitFor(() => expect(measured(receiver)).toEqual([all, all, all]), WAIT);
      await vi.waitFor(() => expect(fills(receiver)).toEqual([0, 0]), WAIT);
      expect(app.stderr).not.toMatch(/SIETCH09[02]/);
      expect(await scrape(app)).toContain(`neighbours_total{kind="counted",otel_scope_name="neighbours"} ${outcome.neighbours}`);
    } finally {
      await app.stop();
      await receiver.close();
    }
  },
  2 * TIMEOUT_MS,
);

function env(protocol: string): Record<string, string> {
  return {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_METRICS_EXPORTER: 'prometheus,otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '2000',
    OTEL_METRIC_EXPORT_TIMEOUT: '2000',
    // Nothing is to be dropped for want of room.
    OTEL_BSP_MAX_QUEUE_SIZE: String(100 * CALLS),
    OTEL_BLRP_MAX_QUEUE_SIZE: String(100 * CALLS),
    SIETCH_OTEL_QUEUE_BYTES: String(2 ** 31),
    FUZZ_CALLS: String(CALLS),
    FUZZ_SEED: SEED,
  };
}

function asOutcome(message: unknown): Outcome | undefined {
  return typeof message === 'object' && message !== null && 'neighbours' in message ? (message as Outcome) : undefined;
}

/** How many proper spans and records there are, each counted once. */
function arrived({ store }: Receiver): { spans: number; logs: number } {
  const spans = store.spans.filter(({ name, events }) => /^neighbour \d+$/.test(name) && events.length === 1);
  const bodies = store.logs.flatMap(({ body }) => (typeof body === 'string' && /^neighbour \d+$/.test(body) ? [body] : []));
  return { spans: new Set(spans.map(({ name }) => name)).size, logs: new Set(bodies).size };
}

function measured({ store }: Receiver): (number | undefined)[] {
  return ['neighbours', 'neighbours.observed', 'neighbour.sizes'].map((name) => {
    const point = lastPoint(store.metrics, name);
    return Number(point?.value ?? point?.count);
  });
}

function fills({ store }: Receiver): (number | undefined)[] {
  return ['spans', 'logs'].map((signal) => lastPoint(store.metrics, 'sietch.otel.queue.fill', { 'sietch.otel.signal': signal })?.value);
}

async function scrape(app: App): Promise<string> {
  const [, url = ''] = await app.waitForLine(/metrics to (http:\/\/\S+) and /);
  return (await fetch(url)).text();
}
