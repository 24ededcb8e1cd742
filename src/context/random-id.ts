// Generates random ids from a pool of random bytes, so that not each id is a system call, and from
// character codes, which is faster than Buffer's conversion.
import { randomFillSync } from 'node:crypto';

const pool = new Uint8Array(4096);
let used = pool.length;

/** Character codes of a byte's two digits. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => (byte >> 4).toString(16).charCodeAt(0));
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => (byte & 15).toString(16).charCodeAt(0));

/** All zeros means "no id" (W3C Trace Context §3.2.2.3). */
const NO_TRACE_ID = '0'.repeat(32);
const NO_SPAN_ID = '0'.repeat(16);

/** Made in one piece: V8 would have to join two halves at the first look at a character. */
export function randomTraceId(): string {
  const at = takeBytes(16);
  const id = String.fromCharCode(
    high(at),
    low(at),
    high(at + 1),
    low(at + 1),
    high(at + 2),
    low(at + 2),
    high(at + 3),
    low(at + 3),
    high(at + 4),
    low(at + 4),
    high(at + 5),
    low(at + 5),
    high(at + 6),
    low(at + 6),
    high(at + 7),
    low(at + 7),
    high(at + 8),
    low(at + 8),
    high(at + 9),
    low(at + 9),
    high(at + 10),
    low(at + 10),
    high(at + 11),
    low(at + 11),
    high(at + 12),
    low(at + 12),
    high(at + 13),
    low(at + 13),
    high(at + 14),
    low(at + 14),
    high(at + 15),
    low(at + 15),
  );
  return id === NO_TRACE_ID ? randomTraceId() : id;
}

export function randomSpanId(): string {
  const at = takeBytes(8);
  const id = String.fromCharCode(
    high(at),
    low(at),
    high(at + 1),
    low(at + 1),
    high(at + 2),
    low(at + 2),
    high(at + 3),
    low(at + 3),
    high(at + 4),
    low(at + 4),
    high(at + 5),
    low(at + 5),
    high(at + 6),
    low(at + 6),
    high(at + 7),
    low(at + 7),
  );
  return id === NO_SPAN_ID ? randomSpanId() : id;
}

/** The place of so many bytes that nobody has had. */
function takeBytes(count: number): number {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += count;
  return at;
}

function high(at: number): number {
  return HIGH[pool[at] ?? 0] ?? 0;
}

function low(at: number): number {
  return LOW[pool[at] ?? 0] ?? 0;
}
