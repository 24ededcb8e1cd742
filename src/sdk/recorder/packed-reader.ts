// Reads what packed-writer.ts has written.
import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { isAttributeValue } from '@opentelemetry/core';
import { WORD_BYTES } from './byte-chains.js';
import { DOUBLE, FALSE, INTEGER, LIST, NULL, OWN_TEXT, SHARED_TEXT, TRUE } from './packed-format.js';
import type { SpanVocabulary } from './shared-values.js';

export class PackedReader {
  readonly #vocabulary: SpanVocabulary;
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer, vocabulary: SpanVocabulary) {
    this.#bytes = bytes;
    this.#vocabulary = vocabulary;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The next span begins with a word. */
  endSpan(): void {
    this.#at = (this.#at + WORD_BYTES - 1) & -WORD_BYTES;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  count(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  number(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  /** @param digits how many */
  id(digits: number): string {
    const at = this.#at;
    this.#at += digits / 2;
    return this.#bytes.toString('hex', at, this.#at);
  }

  word(): string {
    const number = this.count();
    return number === 0 ? this.text() : this.#vocabulary.text(number - 1);
  }

  text(): string {
    const length = this.count();
    const at = this.#at;
    this.#at += length;
    return this.#bytes.toString('utf8', at, this.#at);
  }

  attributes(): Attributes {
    const attributes: Attributes = {};
    for (let left = this.byte(); left > 0; left--) {
      const key = this.word();
      const value = this.#value();
      if (isAttributeValue(value)) attributes[key] = value;
    }
    return attributes;
  }

  #value(): AttributeValue | unknown[] | null | undefined {
    const kind = this.byte();
    if (kind === SHARED_TEXT) return this.#vocabulary.text(this.count());
    if (kind === OWN_TEXT) return this.text();
    if (kind === INTEGER) return this.count();
    if (kind === DOUBLE) return this.number();
    if (kind === TRUE || kind === FALSE) return kind === TRUE;
    if (kind === NULL) return null;
    return kind === LIST ? Array.from({ length: this.count() }, () => this.#value()) : undefined;
  }
}
