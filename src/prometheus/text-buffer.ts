// Builds the bytes of a long text from many short ones. Strings are joined in pieces and written
// into one buffer: joining all of them first takes three times as long, since the whole is then
// built twice.

const PIECE_LENGTH = 32_768;
/** UTF-8 bytes for one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

export class TextBuffer {
  #buffer: Buffer;
  #written = 0;
  #piece = '';

  /** @param memory to write into; without it, or when it is too small, new memory is allocated */
  constructor(memory: ArrayBufferLike | undefined) {
    this.#buffer = memory === undefined ? Buffer.allocUnsafeSlow(MAX_BYTES_PER_UNIT * PIECE_LENGTH) : Buffer.from(memory);
  }

  /** About the number of bytes so far. */
  get length(): number {
    return this.#written + this.#piece.length;
  }

  append(text: string): void {
    this.#piece += text;
    if (this.#piece.length > PIECE_LENGTH) this.#flush();
  }

  appendBytes(bytes: Uint8Array): void {
    this.#flush();
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#written);
    this.#written += bytes.length;
  }

  /** The bytes, in the memory of this object. Call it once, at the end. */
  toBuffer(): Buffer {
    this.#flush();
    return this.#buffer.subarray(0, this.#written);
  }

  #flush(): void {
    if (this.#piece === '') return;
    this.#reserve(this.#piece.length * MAX_BYTES_PER_UNIT);
    this.#written += this.#buffer.write(this.#piece, this.#written);
    this.#piece = '';
  }

  #reserve(bytes: number): void {
    const needed = this.#written + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(needed * 2);
    this.#buffer.copy(larger, 0, 0, this.#written);
    this.#buffer = larger;
  }
}
