// Generates random ids from a pool of random bytes, so that not each id is a system call, and from
// character codes, which is faster than Buffer's conversion.
import { randomFillSync } from 'node:crypto';

const pool = new Uint8Array(4096);
let used = pool.length;

/** Character codes of a byte's two digits. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => (byte >> 4).toString(16).charCodeAt(0));
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => (byte & 15).toString(16).charCodeAt(0));

/** All zeros means "no id" (W3C Trace Context §3.2.2.3). */
const NO_ID = '0'.repeat(16);

export function randomTraceId(): string {
  return randomSpanId() + randomDigits();
}

export function randomSpanId(): string {
  const id = randomDigits();
  return id === NO_ID ? randomSpanId() : id;
}

/** 16 digits. */
function randomDigits(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const at = used;
  used += 8;
  return String.fromCharCode(
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
}

function high(at: number): number {
  return HIGH[pool[at] ?? 0] ?? 0;
}

function low(at: number): number {
  return LOW[pool[at] ?? 0] ?? 0;
}
