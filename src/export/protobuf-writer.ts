// Writes the protobuf wire format (https://protobuf.dev/programming-guides/encoding/) into one
// buffer that is reused for the next message.

/** A buffer that one huge message made larger is given back to the system. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Up to this length a loop over the characters is faster than a call into V8. */
const LOOPED_LENGTH = 40;
const TWO_TO_32 = 2 ** 32;

// Wire types.
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;

export class ProtobufWriter {
  #buffer = Buffer.allocUnsafe(64 * 1024);
  #at = 0;
  /**
   * Whole seconds, and their nanoseconds as two halves: nearly all times of a message share them.
   */
  #seconds = -1;
  #secondsLow = 0;
  #secondsHigh = 0;

  /** Bytes written since the last `take()`. */
  get length(): number {
    return this.#at;
  }

  /** A copy of what was written since the last call. */
  take(): Uint8Array {
    const written = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafe(KEPT_BYTES);
    return written;
  }

  /** A copy of what was written since `start`, a `length` of before. */
  copy(start: number): Uint8Array {
    return Buffer.from(this.#buffer.subarray(start, this.#at));
  }

  tag(field: number, wireType: number): void {
    const tag = field * 8 + wireType;
    if (tag >= 0x80 || this.#at === this.#buffer.length) this.varint(tag);
    else this.#buffer[this.#at++] = tag;
  }

  /** Writes an unsigned number below 2³². */
  varint(value: number): void {
    this.#reserve(5);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#at++] = rest;
  }

  /** Writes an integer in the range of int64; negative ones as two's complement. */
  varint64(value: number): void {
    if (value >= 0 && value < TWO_TO_32) {
      this.varint(value);
      return;
    }
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest >= 0x80n) {
      this.#buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#at++] = Number(rest);
  }

  fixed32(value: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    const at = this.#at;
    buffer[at] = value;
    buffer[at + 1] = value >>> 8;
    buffer[at + 2] = value >>> 16;
    buffer[at + 3] = value >>> 24;
    this.#at = at + 4;
  }

  /** Writes an integer as fixed64 or sfixed64; exact up to 2⁵³. */
  fixed64(value: number): void {
    this.fixed32(value >>> 0);
    this.fixed32(Math.floor(value / TWO_TO_32) >>> 0);
  }

  /** Writes an integer as sint32 or sint64; exact up to 2⁵². */
  zigzag(value: number): void {
    this.varint64(value >= 0 ? value * 2 : value * -2 - 1);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#buffer.writeDoubleLE(value, this.#at);
  }

  /** Nanoseconds since the epoch, as fixed64. */
  time(seconds: number, nanoseconds: number): void {
    if (seconds !== this.#seconds) this.#keepSeconds(seconds);
    const low = this.#secondsLow + nanoseconds;
    const carry = low >= TWO_TO_32 ? 1 : 0;
    this.fixed32(carry === 1 ? low - TWO_TO_32 : low);
    this.fixed32(this.#secondsHigh + carry);
  }

  /** The bytes of a hexadecimal id, with their length. */
  hex(id: string): void {
    const length = id.length >> 1;
    this.varint(length);
    this.#reserve(length);
    const buffer = this.#buffer;
    let at = this.#at;
    for (let i = 0; i < 2 * length; i += 2) {
      const high = HEX_VALUES[id.charCodeAt(i)] ?? 0;
      const low = HEX_VALUES[id.charCodeAt(i + 1)] ?? 0;
      buffer[at++] = high * 16 + low;
    }
    this.#at = at;
  }

  /** UTF-8, with its length. */
  string(text: string): void {
    if (text.length <= LOOPED_LENGTH && this.#shortAscii(text)) return;
    const length = Buffer.byteLength(text);
    this.varint(length);
    this.#reserve(length);
    this.#at += this.#buffer.write(text, this.#at, length, 'utf8');
  }

  bytes(bytes: Uint8Array): void {
    this.varint(bytes.length);
    this.raw(bytes);
  }

  /** Copies bytes that are already encoded. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /**
   * Begins a nested message, after its tag. `lengthBytes`: how many bytes its length will take, as
   * a rule. `end` wants both again.
   */
  begin(lengthBytes: number): number {
    this.#reserve(lengthBytes);
    this.#at += lengthBytes;
    return this.#at;
  }

  /**
   * Ends it: writes its length into the place that was kept, and moves the message when that is not
   * the right size.
   */
  end(start: number, lengthBytes: number): void {
    const length = this.#at - start;
    const needed = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5;
    const moved = needed - lengthBytes;
    if (moved !== 0) {
      this.#reserve(Math.max(moved, 0));
      this.#buffer.copyWithin(start + moved, start, this.#at);
    }
    const end = this.#at + moved;
    this.#at = start - lengthBytes;
    this.varint(length);
    this.#at = end;
  }

  #shortAscii(text: string): boolean {
    const { length } = text;
    this.#reserve(length + 1);
    const buffer = this.#buffer;
    let at = this.#at;
    buffer[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      buffer[at++] = code;
    }
    this.#at = at;
    return true;
  }

  /** seconds × 10⁹ does not fit into a number exactly: the product is made of two parts that do. */
  #keepSeconds(seconds: number): void {
    const lower = (seconds % 0x1_0000) * 1e9;
    const upper = Math.floor(seconds / 0x1_0000) * 1e9;
    const low = (lower % TWO_TO_32) + (upper % 0x1_0000) * 0x1_0000;
    this.#seconds = seconds;
    this.#secondsLow = low % TWO_TO_32;
    this.#secondsHigh = Math.floor(lower / TWO_TO_32) + Math.floor(upper / 0x1_0000) + Math.floor(low / TWO_TO_32);
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, this.#at + bytes));
    larger.set(this.#buffer.subarray(0, this.#at));
    this.#buffer = larger;
  }
}

/** By character code. */
const HEX_VALUES = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  HEX_VALUES[digit.charCodeAt(0)] = value;
  HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}
