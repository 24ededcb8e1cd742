// Parked traces beside a model of them: each is found by its id, and they leave in the order in which they came.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_TRACE, type ParkedTrace, ParkedTraces } from '../../../src/sdk/recorder/parked-traces.js';

const MOST = 20;
const ALL = Array.from({ length: 41 }, (_, index) => index);

/** Of some traces the last digits are the same, as a caller may choose them. */
const idOf = (index: number) => index.toString(16).padStart(8, '0').repeat(3) + (index % 4).toString(16).padStart(8, 'f');

const parkedAs = (index: number): ParkedTrace => ({
  ...{ traceId: idOf(index), serial: 1000 - index, since: index + 0.5, bytes: 128 * index, spanCount: index, notes: index % 4 },
  ...{ firstBlock: index + 1, lastBlock: index + 2, lastUsed: index + 3 },
});
const empty = () => ({ firstBlock: 0, lastBlock: 0, lastUsed: 0, since: 0, bytes: 0, spanCount: 0, notes: 0 });

test('each is found by its id, and gives back what was parked', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ index: fc.nat({ max: 40 }), isFirst: fc.boolean() }), { maxLength: 120, size: 'max' }), (steps) => {
      const parked = new ParkedTraces(MOST);
      let model: number[] = [];
      for (const { index, isFirst } of steps) {
        const known = isFirst ? model[0] : model.find((each) => each === index);
        if (known !== undefined) {
          const row = isFirst ? parked.first : parked.find(idOf(known));
          expect(parked.serial(row)).toBe(1000 - known);
          expect(parked.since(row)).toBe(known + 0.5);
          const into = empty();
          parked.take(row, into);
          const { traceId: _traceId, serial: _serial, ...all } = parkedAs(known);
          expect(into).toEqual(all);
          model = model.filter((each) => each !== known);
        } else if (!parked.isFull && !model.includes(index)) {
          parked.park(parkedAs(index));
          model.push(index);
        }
        expect(parked.size).toBe(model.length);
        const found = ALL.filter((each) => parked.find(idOf(each)) !== NO_TRACE);
        expect(found).toEqual(model.toSorted((a, b) => a - b));
      }
    }),
  );
});

test('a caller that chooses ids does not make them slow to find', () => {
  const most = 60_000;
  const parked = new ParkedTraces(most);
  const chosen = (index: number) => `${index.toString(16).padStart(24, '0')}ffffffff`;
  for (let index = 0; index < most; index++) parked.park({ ...parkedAs(index), traceId: chosen(index) });
  const other = parkedAs(1);
  // Behind all others it would take minutes.
  for (let index = 0; index < most; index++) expect(parked.find(chosen(index)) === NO_TRACE).toBe(index < most - 16);
  for (let index = 0; index < most; index++) parked.take(parked.first, empty());
  parked.park(other);
  expect(parked.size).toBe(1);
  expect(parked.serial(parked.find(other.traceId))).toBe(other.serial);
});
