// Writes fields of protobuf messages: tags and lengths together with what they belong to.
import { FIXED64, LENGTH_DELIMITED, ProtobufWriter, VARINT } from './protobuf-writer.js';

/** Bytes of the length of a message, as a rule. */
export const SHORT = 1;
export const MEDIUM = 2;
export const LONG = 3;

export class MessageWriter extends ProtobufWriter {
  /** A nested message, or packed numbers. @param lengthBytes how many bytes its length takes */
  message(field: number, lengthBytes: number, write: () => void): void {
    this.tag(field, LENGTH_DELIMITED);
    const start = this.begin(lengthBytes);
    write();
    this.end(start, lengthBytes);
  }

  /** A text; an empty one is left out, since absence means the same. */
  text(field: number, text: string | undefined): void {
    if (text === undefined || text === '') return;
    this.tag(field, LENGTH_DELIMITED);
    this.string(text);
  }

  /** An unsigned integer up to 2⁵³. */
  unsigned(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint64(value);
  }

  /** A sint32 or sint64. */
  signed(field: number, value: number): void {
    this.tag(field, VARINT);
    this.zigzag(value);
  }

  fixedInteger(field: number, value: number): void {
    this.tag(field, FIXED64);
    this.fixed64(value);
  }

  /** A double; absent when it is undefined. */
  number(field: number, value: number | undefined): void {
    if (value === undefined) return;
    this.tag(field, FIXED64);
    this.double(value);
  }
}
