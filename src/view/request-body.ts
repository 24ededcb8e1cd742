// Reads bodies of requests, bounded each and together: many senders at once must not fill the
// memory.

import { gunzipSync } from 'node:zlib';
import { Refusal } from './refusal.js';

/** Bytes that are being received, of all requests, until each has been read. */
export class BodyBudget {
  readonly #max: number;
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {Refusal} when others have taken it all; a sender of OTLP tries again. */
  take(bytes: number): void {
    if (this.#taken + bytes > this.#max) throw new Refusal(503, 'too much is being received at once: try again', { 'retry-after': '1' });
    this.#taken += bytes;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
  }
}

/**
 * Reads a body and calls `use` with it, while its bytes are taken from the budget.
 * @throws {Refusal} when it is too large.
 */
export async function withBody<Result>(
  chunks: AsyncIterable<Buffer>,
  bounds: { readonly maxBytes: number; readonly budget: BodyBudget; readonly announced?: number },
  use: (body: Buffer) => Result,
): Promise<Result> {
  const { maxBytes, budget, announced = 0 } = bounds;
  const tooLarge = new Refusal(413, `request body larger than ${maxBytes} bytes`, { connection: 'close' });
  if (announced > maxBytes) throw tooLarge;
  const received: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      if (length + chunk.length > maxBytes) throw tooLarge;
      budget.take(chunk.length);
      length += chunk.length;
      received.push(chunk);
    }
    return use(Buffer.concat(received));
  } finally {
    budget.giveBack(length);
  }
}

/**
 * Unpacks a body. Not in the thread pool, where as many bodies as there are connections would unfold
 * at once; 20 MiB take about 50 ms.
 * @throws {Refusal}
 */
export function unzip(body: Buffer, maxBytes: number): Buffer {
  try {
    return gunzipSync(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(413, `request body larger than ${maxBytes} bytes when unpacked`);
    throw new Refusal(400, 'bad request: the body is not gzip');
  }
}
