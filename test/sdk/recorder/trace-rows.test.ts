// The rows of traces beside a model of them: each is found by its id, and those that are parked leave in the order in which they came to rest.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_TRACE, type RowTrace, TraceRows } from '../../../src/sdk/recorder/trace-rows.js';

const MOST = 20;
const ALL = Array.from({ length: 41 }, (_, index) => index);

/** Of some traces the last digits are the same, as a caller may choose them. */
const idOf = (index: number) => index.toString(16).padStart(8, '0').repeat(3) + (index % 4).toString(16).padStart(8, 'f');

const traceAt = (index: number): RowTrace => ({
  ...{ traceId: idOf(index), serial: 1000 - index, since: index + 0.5, bytes: 128 * index, spanCount: index, notes: index % 4 },
  ...{ firstBlock: index + 1, lastBlock: index + 2, lastUsed: index + 3 },
});
const empty = () => ({ firstBlock: 0, lastBlock: 0, lastUsed: 0, since: 0, bytes: 0, spanCount: 0, notes: 0 });

function park(rows: TraceRows<RowTrace>, trace: RowTrace): void {
  rows.park(rows.enter(trace), trace);
}

test('each is found by its id, and gives back what was parked', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ index: fc.nat({ max: 40 }), isFirst: fc.boolean() }), { maxLength: 120, size: 'max' }), (steps) => {
      const rows = new TraceRows<RowTrace>(MOST);
      let model: number[] = [];
      for (const { index, isFirst } of steps) {
        const known = isFirst ? model[0] : model.find((each) => each === index);
        if (known !== undefined) {
          const row = isFirst ? rows.first : rows.find(idOf(known));
          expect(rows.serial(row)).toBe(1000 - known);
          expect(rows.since(row)).toBe(known + 0.5);
          expect(rows.traceAt(row)).toBeUndefined();
          const { traceId, serial, ...all } = traceAt(known);
          const revived = { traceId, serial, ...empty() };
          // One that is parked again has come to rest last.
          if (isFirst) {
            rows.revive(row, revived);
            expect(rows.traceAt(row)).toBe(revived);
            expect(revived).toEqual(traceAt(known));
            rows.park(row, revived);
            expect(model.length === 1 || rows.first !== row).toBe(true);
          }
          const into = empty();
          rows.takeParked(row, into);
          expect(into).toEqual(all);
          expect(rows.serial(row)).toBe(0);
          model = model.filter((each) => each !== known);
        } else if (model.length < MOST && !model.includes(index)) {
          park(rows, traceAt(index));
          model.push(index);
        }
        expect([rows.size, rows.parkedSize]).toEqual([model.length, model.length]);
        const found = ALL.filter((each) => rows.find(idOf(each)) !== NO_TRACE);
        expect(found).toEqual(model.toSorted((a, b) => a - b));
      }
    }),
  );
});

test('a caller that chooses ids does not make them slow to find', () => {
  const most = 60_000;
  const rows = new TraceRows<RowTrace>(most);
  const chosen = (index: number) => `${index.toString(16).padStart(24, '0')}ffffffff`;
  for (let index = 0; index < most; index++) park(rows, { ...traceAt(index), traceId: chosen(index) });
  const other = traceAt(1);
  // Behind all others it would take minutes.
  for (let index = 0; index < most; index++) expect(rows.find(chosen(index)) === NO_TRACE).toBe(index < most - 16);
  for (let index = 0; index < most; index++) rows.takeParked(rows.first, empty());
  park(rows, other);
  expect(rows.size).toBe(1);
  expect(rows.serial(rows.find(other.traceId))).toBe(other.serial);
});
