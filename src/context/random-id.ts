// Random ids, cut from a pool of random bytes so that not each of them is a call into the operating system.
import { randomFillSync } from 'node:crypto';

const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

export function randomTraceId(): string {
  return randomHex(16);
}

export function randomSpanId(): string {
  return randomHex(8);
}

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const id = pool.toString('hex', used, used + bytes);
  used += bytes;
  // All zeros means "no id" (W3C Trace Context §3.2.2.3).
  return /[^0]/.test(id) ? id : randomHex(bytes);
}
