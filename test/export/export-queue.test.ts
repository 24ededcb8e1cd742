import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ExportQueue, type QueueLimits } from '../../src/export/export-queue.js';
import type { HandedRequest, Sender, SendResult } from '../../src/export/sender.js';

/** Answers when the test says so. */
class ScriptedSender implements Sender<string> {
  readonly target = 'http://collector.test';
  readonly holdsProcess = false;
  readonly sent: (readonly string[])[] = [];
  readonly #waiting: ((result: SendResult) => void)[] = [];
  shutdowns = 0;

  send(items: readonly string[]): Promise<SendResult> {
    this.sent.push([...items]);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  get open(): number {
    return this.#waiting.length;
  }

  async answer(result: SendResult): Promise<void> {
    this.#waiting.shift()?.(result);
    await vi.advanceTimersByTimeAsync(0);
  }

  handOver(items: readonly string[]): HandedRequest {
    return { kind: 'grpc', signal: 'TRACES', body: Buffer.from(items.join()) };
  }

  async shutdown(): Promise<void> {
    this.shutdowns++;
  }
}

const LIMITS: QueueLimits = { items: 10, bytes: 1000, batchItems: 3, exports: 1, delayMs: 5000, timeoutMs: 1000 };

function createQueue(limits: Partial<QueueLimits> = {}): { queue: ExportQueue<string>; sender: ScriptedSender } {
  const sender = new ScriptedSender();
  return { sender, queue: new ExportQueue('spans', sender, { ...LIMITS, ...limits }, (item) => item.length) };
}

function add(queue: ExportQueue<string>, ...items: string[]): void {
  for (const item of items) queue.add(item);
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

test('waits for the delay, then sends what is there', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b');
  await vi.advanceTimersByTimeAsync(4999);
  expect(sender.sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(sender.sent).toEqual([['a', 'b']]);
  await sender.answer({ status: 'sent' });
  expect(queue).toMatchObject({ isEmpty: true, made: 2, sent: 2, failures: 0, fill: 0 });
});

test('a full batch goes at once, one export at a time', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g');
  expect(sender.sent).toEqual([]); // Not within the call that ended the span.
  await vi.advanceTimersByTimeAsync(1);
  expect(sender.sent).toEqual([['a', 'b', 'c']]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sender.open).toBe(1);
  await sender.answer({ status: 'sent' });
  await vi.advanceTimersByTimeAsync(1);
  expect(sender.sent.at(-1)).toEqual(['d', 'e', 'f']);
});

test('full batches go at once, as many as there may be; one that is not full waits until nothing is being sent', async () => {
  const { queue, sender } = createQueue({ exports: 2 });
  add(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sender.sent).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]);
  await sender.answer({ status: 'sent' });
  expect(sender.sent.at(-1)).toEqual(['g', 'h', 'i']);
  await sender.answer({ status: 'sent' });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sender.sent).toHaveLength(3);
  await sender.answer({ status: 'sent' });
  await vi.advanceTimersByTimeAsync(5000);
  expect(sender.sent.at(-1)).toEqual(['j']);
});

test('exports that fail together make one pause and one retry; the rest goes when that one has arrived', async () => {
  const { queue, sender } = createQueue({ items: 12, exports: 3 });
  add(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j');
  await vi.advanceTimersByTimeAsync(1);
  for (const _ of 'aeg') await sender.answer({ status: 'retry', reason: 'ECONNREFUSED' });
  for (const pause of [1000, 2000]) {
    await vi.advanceTimersByTimeAsync(pause * 0.8 - 1);
    expect(sender.open).toBe(0);
    await vi.advanceTimersByTimeAsync(pause * 0.4 + 1);
    expect(sender.open).toBe(1);
    if (pause === 1000) await sender.answer({ status: 'retry', reason: 'ECONNREFUSED' });
  }
  add(queue, 'k', 'l');
  expect(sender.open).toBe(1);
  await sender.answer({ status: 'sent' });
  expect(sender.open).toBe(3);
  for (const _ of 'aej') await sender.answer({ status: 'sent' });
  expect(sender.sent.slice(4).flat().sort()).toEqual([...'abcdefghijkl']);
  expect(queue).toMatchObject({ isEmpty: true, sent: 12, failures: 4, fill: 0 });
});

test('an export that arrives does not end the pause that the collector has asked another one for', async () => {
  const { queue, sender } = createQueue({ exports: 3 });
  add(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');
  await vi.advanceTimersByTimeAsync(1);
  await sender.answer({ status: 'retry', reason: 'ECONNRESET' });
  await sender.answer({ status: 'retry', reason: 'HTTP 429', afterMs: 60_000 });
  await sender.answer({ status: 'sent' });
  add(queue, 'j', 'k', 'l');
  await queue.flush(10_000);
  await vi.advanceTimersByTimeAsync(59_990);
  expect(sender.open).toBe(0);
  await vi.advanceTimersByTimeAsync(10);
  expect(sender.open).toBe(1);
});

test('is bounded in items, what failed included, and in bytes, what is being sent included; drops are counted by cause', async () => {
  const { queue, sender } = createQueue({ items: 4, bytes: 20 });
  add(queue, 'a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(1);
  expect(queue.fill).toBe(0.15); // In bytes.
  await sender.answer({ status: 'retry', reason: 'HTTP 503' });
  add(queue, 'd', 'e', 'f');
  expect(queue.fill).toBe(1);
  await vi.advanceTimersByTimeAsync(1200);
  expect(sender.open).toBe(1);
  add(queue, 'g');
  expect([...queue.drops.counts]).toEqual([['queue_full', 3]]);
  await sender.answer({ status: 'sent' });
  add(queue, 'x'.repeat(20));
  expect([...queue.drops.counts]).toEqual([
    ['queue_full', 3],
    ['queue_bytes', 1],
  ]);
});

test('one that keeps the newest drops what has waited for longest', async () => {
  const { queue, sender } = createQueue({ items: 4, batchItems: 1, keepsNewest: true });
  add(queue, 'a', 'b');
  await vi.advanceTimersByTimeAsync(1);
  add(queue, 'c', 'd', 'e', 'f');
  expect([...queue.drops.counts]).toEqual([['queue_full', 1]]);
  for (const _ of 'acdef') {
    await sender.answer({ status: 'sent' });
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(sender.sent).toEqual([['a'], ['c'], ['d'], ['e'], ['f']]);
  expect(queue).toMatchObject({ isEmpty: true, made: 6, sent: 5, fill: 0 });
});

test('a batch is also bounded in bytes, but never empty', async () => {
  const { queue, sender } = createQueue({ bytes: 100e6 });
  const huge = 'x'.repeat(4e6);
  add(queue, huge, 'a');
  await vi.advanceTimersByTimeAsync(1);
  expect(sender.sent.map((batch) => batch.length)).toEqual([1]);
});

test('a batch that fails for now is kept and tried again, with growing pauses', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(1);
  for (const [pause, attempts] of [
    [1000, 2],
    [2000, 3],
    [4000, 4],
  ] as const) {
    await sender.answer({ status: 'retry', reason: 'ECONNREFUSED' });
    await vi.advanceTimersByTimeAsync(pause * 0.8 - 1);
    expect(sender.sent).toHaveLength(attempts - 1);
    await vi.advanceTimersByTimeAsync(pause * 0.4 + 1);
    expect(sender.sent).toHaveLength(attempts);
  }
  await sender.answer({ status: 'sent' });
  expect(sender.sent).toEqual(Array(4).fill(['a', 'b', 'c']));
  expect(queue).toMatchObject({ isEmpty: true, sent: 3, failures: 3 });
});

test('Retry-After is honoured, also by flush()', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(1);
  await sender.answer({ status: 'retry', reason: 'HTTP 429', afterMs: 60_000 });
  await queue.flush(10_000);
  await vi.advanceTimersByTimeAsync(59_998);
  expect(sender.sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(sender.sent).toHaveLength(2);
});

test('what the collector refuses is dropped, and the next batch goes', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c', 'd', 'e', 'f');
  await vi.advanceTimersByTimeAsync(1);
  await sender.answer({ status: 'failed', reason: 'HTTP 400' });
  await vi.advanceTimersByTimeAsync(1);
  await sender.answer({ status: 'sent', partial: { rejected: 1, unit: 'items', message: '' } });
  expect(queue).toMatchObject({ sent: 2, failures: 1, isEmpty: true });
  expect([...queue.drops.counts]).toEqual([['refused', 4]]);
});

test('a sender that throws costs the batch, not the process', async () => {
  const { queue, sender } = createQueue();
  vi.spyOn(sender, 'send').mockRejectedValue(new TypeError('broken'));
  add(queue, 'a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(1);
  expect([...queue.drops.counts]).toEqual([['unencodable', 3]]);
});

test('flush sends all batches', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c', 'd');
  const flushed = queue.flush(1000);
  await sender.answer({ status: 'sent' });
  await sender.answer({ status: 'sent' });
  await flushed;
  expect(sender.sent).toEqual([['a', 'b', 'c'], ['d']]);
});

test('flush gives up with the first failure, and at its deadline', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c', 'd');
  const failed = queue.flush(60_000);
  await sender.answer({ status: 'retry', reason: 'ECONNREFUSED' });
  await failed;
  expect(sender.sent).toHaveLength(1);

  const late = queue.flush(100);
  // The deadline lets answers that have come in be read first: one turn of the loop.
  await vi.advanceTimersByTimeAsync(101);
  await late;
  expect(queue.isEmpty).toBe(false);
});

test('shutdown flushes; what comes later is dropped', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a');
  const shut = queue.shutdown(1000);
  await sender.answer({ status: 'sent' });
  await shut;
  add(queue, 'b');
  expect(sender.shutdowns).toBe(1);
  expect([...queue.drops.counts]).toEqual([['shut_down', 1]]);
});

test('the hand-over has what is not known to have arrived, what is being sent first, and then what comes later', async () => {
  const { queue, sender } = createQueue();
  add(queue, 'a', 'b', 'c');
  await vi.advanceTimersByTimeAsync(1);
  add(queue, 'd', 'e', 'f', 'g');
  const late = vi.fn();
  const bodies = (batches: ReturnType<typeof queue.handOver>) => batches.map(({ request }) => String(request?.body));
  expect(bodies(queue.handOver(late))).toEqual(['a,b,c', 'd,e,f', 'g']);
  expect(late).not.toHaveBeenCalled();
  add(queue, 'h');
  expect(late).toHaveBeenCalledOnce();
  expect(bodies(queue.handOver(late))).toEqual(['h']);

  await sender.answer({ status: 'retry', reason: 'HTTP 503' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sender.sent).toHaveLength(1);
});
