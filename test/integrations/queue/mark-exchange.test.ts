// Marks over a stream that fails: what is written late, what is lost, and how often it is tried.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MarkExchange } from '../../../src/integrations/queue/mark-exchange.js';

const ID = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function exchangeOver(
  write: (traceIds: readonly string[]) => Promise<void>,
  read: () => Promise<string[]> = async () => [],
  onHeard: () => void = () => {},
) {
  const counts = { written: 0, heard: 0, lost: 0 };
  const heard: string[] = [];
  const hear = (traceId: string): void => {
    heard.push(traceId);
    onHeard();
  };
  const host = { counts, hasQueues: () => true, hear };
  return { exchange: new MarkExchange({ key: 'bull:sietch-otel:kept', errorType: () => 'timeout', write, read }, host), counts, heard };
}

test('the first mark at once, those of the next 200 ms together', async () => {
  const written: string[][] = [];
  const { exchange, counts } = exchangeOver(async (traceIds) => void written.push([...traceIds]));
  exchange.tell(ID);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual([[ID]]);
  exchange.tell(OTHER);
  exchange.tell(ID);
  await vi.advanceTimersByTimeAsync(150);
  expect(written).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(100);
  expect(written).toEqual([[ID], [OTHER, ID]]);
  expect(counts).toEqual({ written: 3, heard: 0, lost: 0 });
});

test('what cannot be written is tried again, and lost when no half is held any more', async () => {
  let tries = 0;
  const { exchange, counts } = exchangeOver(async () => {
    tries++;
    throw new Error('Connection is closed.');
  });
  exchange.tell(ID);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(counts).toEqual({ written: 0, heard: 0, lost: 1 });
  // After 1, 2 and then each 4 s: a server that is back within the half minute is told.
  expect(tries).toBe(9);
});

test('reads once a second, for two minutes after the last job', async () => {
  let reads = 0;
  const { exchange, heard } = exchangeOver(
    async () => {},
    async () => (++reads === 2 ? [ID] : []),
  );
  exchange.listen();
  await vi.advanceTimersByTimeAsync(10_500);
  expect(reads).toBeGreaterThanOrEqual(10);
  expect(reads).toBeLessThanOrEqual(11);
  expect(heard).toEqual([ID]);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(reads).toBeLessThanOrEqual(121);
  exchange.stop();
});

test('many marks are heard in turns of two milliseconds: each may send a trace', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => index.toString(16).padStart(32, '0'));
  const heardByTurn: number[] = [];
  let now = 1;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const run = exchangeOver(
    async () => {},
    async () => {
      setImmediate(() => heardByTurn.push(run.heard.length));
      return run.heard.length === 0 ? ids : [];
    },
    () => {
      now += 0.5;
    },
  );
  run.exchange.listen();
  await vi.advanceTimersByTimeAsync(500);
  expect(heardByTurn).toEqual([5]);
  expect(run.heard).toEqual(ids);
  run.exchange.stop();
});
