// Bytes of a long text that is made of many short ones. Strings are joined in pieces of this size and written into one buffer: joining all of them
// first takes three times as long, since the whole is then built twice.

const PIECE_LENGTH = 32_768;
/** UTF-8 of one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

export class TextBuffer {
  #buffer: Buffer;
  #written = 0;
  #piece = '';

  /** @param expectedBytes what it will probably hold; it grows when that is wrong. */
  constructor(expectedBytes: number) {
    this.#buffer = Buffer.allocUnsafeSlow(expectedBytes + MAX_BYTES_PER_UNIT * PIECE_LENGTH);
  }

  /** About the number of bytes so far. */
  get length(): number {
    return this.#written + this.#piece.length;
  }

  append(text: string): void {
    this.#piece += text;
    if (this.#piece.length > PIECE_LENGTH) this.#flush();
  }

  /** To be called once. */
  toBuffer(): Buffer {
    this.#flush();
    return this.#buffer.subarray(0, this.#written);
  }

  #flush(): void {
    const needed = this.#written + this.#piece.length * MAX_BYTES_PER_UNIT;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#buffer.copy(larger, 0, 0, this.#written);
      this.#buffer = larger;
    }
    this.#written += this.#buffer.write(this.#piece, this.#written);
    this.#piece = '';
  }
}
