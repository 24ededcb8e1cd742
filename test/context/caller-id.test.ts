import { expect, test } from 'vitest';
import { type CallerId, readCallerId } from '../../src/context/caller-id.ts';

const HEX = '4bf92f3577b34da6a3ce929d0e0e4736';
const trace = (traceId: string): CallerId => ({ kind: 'trace-id', traceId });
const correlation = (id: string): CallerId => ({ kind: 'correlation-id', id });
const ignored: CallerId = { kind: 'ignored' };
const none: CallerId = { kind: 'none' };

const table: readonly (readonly [what: string, value: string | string[] | undefined, expected: CallerId])[] = [
  ['no header', undefined, none],
  ['an empty header', '', none],
  ['white space', '   ', none],
  ['32 hex', HEX, trace(HEX)],
  ['32 hex in upper case', HEX.toUpperCase(), trace(HEX)],
  ['white space around it', ` ${HEX}\t`, trace(HEX)],
  ['a UUID', '4bf92f35-77b3-4da6-a3ce-929d0e0e4736', trace(HEX)],
  ['a UUID in upper case', '4BF92F35-77B3-4DA6-A3CE-929D0E0E4736', trace(HEX)],
  ['32 zeros, which W3C forbids', '0'.repeat(32), ignored],
  ['the nil UUID', '00000000-0000-0000-0000-000000000000', ignored],
  ['31 hex', HEX.slice(1), correlation(HEX.slice(1))],
  ['33 hex', `${HEX}0`, correlation(`${HEX}0`)],
  ['a UUID with its dashes elsewhere', '4bf92f3577-b3-4da6-a3ce-929d0e0e4736', correlation('4bf92f3577-b3-4da6-a3ce-929d0e0e4736')],
  ['an order number', 'order-12.b_c=', correlation('order-12.b_c=')],
  ['128 characters', 'x'.repeat(128), correlation('x'.repeat(128))],
  ['129 characters', 'x'.repeat(129), ignored],
  ['a megabyte', 'x'.repeat(1_000_000), ignored],
  ['a space inside', 'order 12', ignored],
  ['a line break', 'order\r\nset-cookie: a=b', ignored],
  ['a trailing line break', `${'a'.repeat(5)}\nb`, ignored],
  ['an end of an SQL comment', '*/drop', ignored],
  ['markup', '<script>', ignored],
  ['not ASCII', 'bestellung-ä', ignored],
  ['the same id twice, joined by Node', `${HEX}, ${HEX}`, trace(HEX)],
  ['the same id twice, as an array', [HEX, HEX], trace(HEX)],
  ['two ids', `${HEX}, order-12`, ignored],
  ['an id and nothing', `${HEX},`, ignored],
  ['only commas', ',,', none],
  ['an array of one', [HEX], trace(HEX)],
  ['an empty array', [], none],
];

test.each(table)('%s', (_what, value, expected) => {
  expect(readCallerId(value)).toEqual(expected);
});
