// Writes the values of a span into bytes that packed-reader.ts reads again in this process. Texts
// that many spans have are numbers of a vocabulary.
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { WORD_BYTES } from './byte-chains.js';
import { DOUBLE, FALSE, INTEGER, LIST, NULL, OWN_TEXT, SHARED_TEXT, TRUE, UNDEFINED } from './packed-format.js';
import { NO_NUMBER, type SpanVocabulary } from './shared-values.js';

/** A larger span is not written. */
const MOST_BYTES = 16 * 1024;
/** Up to this length a loop over the characters is faster than a call into V8. */
const LOOPED_LENGTH = 40;
const MAX_INTEGER = 2 ** 31;

export class PackedWriter {
  /** Where it writes. */
  readonly words = new Int32Array(MOST_BYTES / WORD_BYTES);
  readonly #bytes = Buffer.from(this.words.buffer);
  readonly #view = new DataView(this.words.buffer);
  readonly #vocabulary: SpanVocabulary;
  #at = 0;
  #isWhole = true;

  constructor(vocabulary: SpanVocabulary) {
    this.#vocabulary = vocabulary;
  }

  begin(): void {
    this.#at = 0;
    this.#isWhole = true;
  }

  /** The length in whole words of what was written since; 0 where something could not be written. */
  end(): number {
    return this.#isWhole && this.#at <= MOST_BYTES ? (this.#at + WORD_BYTES - 1) & -WORD_BYTES : 0;
  }

  /** Past the end of the buffer nothing is written, which `end` tells. */
  byte(value: number): void {
    this.#bytes[this.#at++] = value;
  }

  /** An unsigned number below 2³². */
  count(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  number(value: number): void {
    const at = this.#at;
    this.#at = at + 8;
    if (this.#at <= MOST_BYTES) this.#view.setFloat64(at, value, true);
  }

  /** The digits of an id, two in a byte. */
  id(digits: string): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < digits.length; i += 2) {
      bytes[at++] = ((DIGITS[digits.charCodeAt(i)] ?? 0) << 4) | (DIGITS[digits.charCodeAt(i + 1)] ?? 0);
    }
    this.#at = at;
  }

  /** The name of a span or of an event. */
  name(name: string): void {
    this.#word(this.#vocabulary.nameNumber(name), name);
  }

  text(text: string): void {
    const { length } = text;
    if (length <= LOOPED_LENGTH && this.#shortAscii(text)) return;
    if (length > MOST_BYTES) {
      this.#isWhole = false;
      return;
    }
    const size = Buffer.byteLength(text);
    this.count(size);
    if (this.#at + size > MOST_BYTES) this.#isWhole = false;
    else this.#at += this.#bytes.write(text, this.#at, size, 'utf8');
  }

  /** Attributes, with their number before them. */
  attributes(attributes: Attributes | undefined): void {
    const at = this.#at++;
    let count = 0;
    let number = NO_NUMBER;
    for (const key in attributes) {
      const value = attributes[key];
      count++;
      number = this.#vocabulary.keyNumber(key, number);
      this.#word(number, key);
      this.#value(number, value);
    }
    this.#bytes[at] = count;
    if (count > 0xff) this.#isWhole = false;
  }

  #word(number: number, text: string): void {
    this.count(number + 1);
    if (number === NO_NUMBER) this.text(text);
  }

  #value(key: number, value: AttributeValue | null | undefined): void {
    if (typeof value === 'string') this.#valueText(key, value);
    else if (typeof value === 'number') this.#valueNumber(value);
    else if (typeof value === 'boolean') this.byte(value ? TRUE : FALSE);
    else if (value === undefined) this.byte(UNDEFINED);
    else if (value === null) this.byte(NULL);
    else if (Array.isArray(value)) {
      this.byte(LIST);
      this.count(value.length);
      for (const item of value) this.#value(NO_NUMBER, item);
    } else this.#isWhole = false;
  }

  #valueNumber(value: number): void {
    if (Number.isInteger(value) && value < MAX_INTEGER && (value > 0 || Object.is(value, 0))) {
      this.byte(INTEGER);
      this.count(value);
    } else {
      this.byte(DOUBLE);
      this.number(value);
    }
  }

  #valueText(key: number, text: string): void {
    const number = this.#vocabulary.valueNumber(key, text);
    this.byte(number === NO_NUMBER ? OWN_TEXT : SHARED_TEXT);
    if (number === NO_NUMBER) this.text(text);
    else this.count(number);
  }

  #shortAscii(text: string): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      bytes[at++] = code;
    }
    this.#at = at;
    return true;
  }
}

/** By character code. */
const DIGITS = new Uint8Array(128);
for (const [value, digit] of [...'0123456789abcdef'].entries()) DIGITS[digit.charCodeAt(0)] = value;
