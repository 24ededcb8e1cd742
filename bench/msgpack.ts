// Counts the spans in what dd-trace sends to its agent: a MessagePack array of traces, each an array of spans
// (https://docs.datadoghq.com/tracing/guide/send_traces_to_agent_by_api/, https://github.com/msgpack/msgpack/blob/master/spec.md).

/**
 * The number of spans in the body of `PUT /v0.4/traces`.
 * @throws {RangeError} when the bytes are not such a list.
 */
export function countDatadogSpans(body: Buffer): number {
  const reader = new Reader(body);
  let spans = 0;
  for (let traces = reader.arrayLength(); traces > 0; traces--) {
    const length = reader.arrayLength();
    for (let i = 0; i < length; i++) reader.skip();
    spans += length;
  }
  return spans;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  arrayLength(): number {
    const type = this.#unsigned(1);
    if (type >= 0x90 && type <= 0x9f) return type - 0x90;
    if (type === 0xdc) return this.#unsigned(2);
    if (type === 0xdd) return this.#unsigned(4);
    throw new RangeError(`expected an array, got type 0x${type.toString(16)}`);
  }

  skip(): void {
    const type = this.#unsigned(1);
    if (type <= 0x7f || type >= 0xe0 || (type >= 0xc0 && type <= 0xc3)) return;
    if (type <= 0x8f) this.#skipItems(2 * (type - 0x80));
    else if (type <= 0x9f) this.#skipItems(type - 0x90);
    else if (type <= 0xbf) this.#skipBytes(type - 0xa0);
    else this.#skipSized(type);
  }

  #skipSized(type: number): void {
    if (type <= 0xc6) this.#skipBytes(this.#unsigned(2 ** (type - 0xc4)));
    else if (type <= 0xc9) this.#skipBytes(this.#unsigned(2 ** (type - 0xc7)) + 1);
    else if (type <= 0xcb) this.#skipBytes(type === 0xca ? 4 : 8);
    else if (type <= 0xd3) this.#skipBytes(2 ** ((type - 0xcc) % 4));
    else if (type <= 0xd8) this.#skipBytes(2 ** (type - 0xd4) + 1);
    else if (type <= 0xdb) this.#skipBytes(this.#unsigned(2 ** (type - 0xd9)));
    else if (type <= 0xdd) this.#skipItems(this.#unsigned(type === 0xdc ? 2 : 4));
    else this.#skipItems(2 * this.#unsigned(type === 0xde ? 2 : 4));
  }

  /** In a step of its own: `at += read()` would add to the position of before the read. */
  #skipBytes(length: number): void {
    this.#at += length;
  }

  #skipItems(count: number): void {
    for (let i = 0; i < count; i++) this.skip();
  }

  #unsigned(length: number): number {
    const value = this.#bytes.readUIntBE(this.#at, length);
    this.#at += length;
    return value;
  }
}
