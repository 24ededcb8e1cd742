// How the command writes times, sizes and shares, and how its tables fit a terminal.
import { expect, test } from 'vitest';
import { drawTable } from '../../src/cli/now/table.js';
import { bytes, percent, seconds } from '../../src/cli/now/units.js';

test.each([
  [0, '0.0 ms'],
  [0.000_44, '0.4 ms'],
  [0.0994, '99.4 ms'],
  [0.0996, '100 ms'],
  [0.9994, '999 ms'],
  [0.9996, '1.0 s'],
  [59.94, '59.9 s'],
  [59.96, '1 min 00 s'],
  [3_599.4, '59 min 59 s'],
  [3_599.6, '1 h 00 min'],
  [11_520, '3 h 12 min'],
  [187_200, '2 d 4 h'],
])('%d s are %s', (value, text) => {
  expect(seconds(value)).toBe(text);
});

test('sizes and shares', () => {
  expect([812_000, 181_500_000, 4_100_000_000].map(bytes)).toEqual(['812 kB', '181.5 MB', '4.1 GB']);
  expect([0, 0.004, 0.123, 1].map(percent)).toEqual(['0 %', '0.4 %', '12 %', '100 %']);
});

const COLUMNS = [
  { title: 'AGE', align: 'right' },
  { title: 'REQUEST', least: 8 },
  { title: 'WAITS FOR', least: 8 },
] as const;
const ROWS = [['1.0 s', 'POST /webhooks/paddle', { text: 'pg SELECT orders', mark: 'alarm' }]] as const;

test.each([
  [80, '1.0 s  POST /webhooks/paddle  pg SELECT orders'],
  [40, '1.0 s  POST /webhooks…  pg SELECT orders'],
  [25, '1.0 s  POST /w…  pg SELE…'],
  // Narrower than the columns can be: the rest is cut off.
  [20, '1.0 s  POST /w…  pg…'],
  [8, '1.0 s  …'],
])('a table of %d columns', (width, row) => {
  const [title = '', drawn = ''] = drawTable(COLUMNS, ROWS, { width, colors: false, boxes: true });
  expect(drawn).toBe(row);
  expect(title.length).toBeLessThanOrEqual(width);
});

test('text of others reaches the terminal without its codes', () => {
  const rows = [['\x1b[2J', 'a\nb', '']];
  expect(drawTable(COLUMNS, rows, { width: 80, colors: true, boxes: true })[1]).toBe(' [2J  a b');
});
