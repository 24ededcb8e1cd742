// One item that cannot be weighed or encoded costs itself, not its neighbours nor the bound of the queue.
import { resourceFromAttributes } from '@opentelemetry/resources';
import { expect, test } from 'vitest';
import { Encoder } from '../../src/export/encoder.js';
import { ExportQueue } from '../../src/export/export-queue.js';
import type { Sender, SendResult } from '../../src/export/sender.js';

const resource = resourceFromAttributes({});
const item = (text: string) => ({ resource, text });
type Item = ReturnType<typeof item>;

function createEncoder(): Encoder<Item> {
  const serialize = (items: Item[]) => {
    if (items.some(({ text }) => text === 'bad')) throw new TypeError('bad');
    return Buffer.from(items.map(({ text }) => text).join());
  };
  return new Encoder(
    'text/plain',
    serialize,
    () => undefined,
    (each) => each,
  );
}

test('a batch is encoded without the items that cannot be', async () => {
  const items = ['a', 'bad', 'b', 'bad'].map(item);
  expect(await createEncoder().encode(items)).toEqual({ body: Buffer.from('a,b'), unencodable: 2 });
  expect(createEncoder().encodeNow(items)).toEqual({ body: Buffer.from('a,b'), unencodable: 2 });
  expect(await createEncoder().encode([item('bad')])).toBeUndefined();
});

test.each([
  ['NaN', () => Number.NaN],
  [
    'an error',
    () => {
      throw new TypeError('weight');
    },
  ],
])('an item that weighs %s is dropped alone, and the bytes of the others are given back', async (_, weighBad) => {
  const sent: string[] = [];
  const result: SendResult = { status: 'sent' };
  const sender: Sender<string> = {
    target: 'http://collector.test',
    holdsProcess: false,
    send: async (items) => {
      sent.push(...items);
      return result;
    },
    handOver: () => undefined,
    shutdown: async () => {},
  };
  const limits = { items: 10, bytes: 100, batchItems: 10, exports: 1, delayMs: 1000, timeoutMs: 1000 };
  const queue = new ExportQueue<string>('spans', sender, limits, (text) => (text === 'bad' ? weighBad() : 50));
  for (const text of ['a', 'bad', 'b']) queue.add(text);
  expect(queue.fill).toBe(1);
  await queue.flush(5_000);
  expect(sent).toEqual(['a', 'b']);
  expect(queue.fill).toBe(0);
  expect([...queue.drops.counts]).toEqual([['unencodable', 1]]);
});
