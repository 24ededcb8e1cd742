// Chains of blocks in one buffer: bytes, in whole words, are appended to a chain, and freed with it, and no object is
// made for any of them. Objects that live for seconds are copied twice by the garbage collector
// before it leaves them alone, and looked at by each of its large collections.

/** The bytes of one owner. */
export interface ByteChain {
  /** Numbers of blocks; `NO_BLOCK` while it has none. */
  firstBlock: number;
  lastBlock: number;
  /** Bytes in the last block. */
  lastUsed: number;
}

export const NO_BLOCK = -1;
export const BLOCK_BYTES = 128;
/** What is appended is copied by words, for which it must be filled up. */
export const WORD_BYTES = 4;
const BLOCK_WORDS = BLOCK_BYTES / WORD_BYTES;
const NO_BYTES = new Uint8Array(0);

/** The bytes have another owner, or none. */
export function forgetBytes(chain: ByteChain): void {
  chain.firstBlock = NO_BLOCK;
  chain.lastBlock = NO_BLOCK;
  chain.lastUsed = 0;
}

export class ByteChains {
  readonly #blocks: number;
  /** Not there before it is needed; the system gives the pages of it that are touched. */
  #words: Int32Array | undefined = undefined;
  /** The number of the block after each. */
  #next = new Int32Array(0);
  #firstFree = NO_BLOCK;
  /** Blocks from here on have never been used. */
  #fresh = 0;

  /** @param bytes of all blocks */
  constructor(bytes: number) {
    this.#blocks = Math.floor(bytes / BLOCK_BYTES);
  }

  /** Bytes of the blocks that `length` bytes more take. */
  growthOf({ lastBlock, lastUsed }: ByteChain, length: number): number {
    const room = lastBlock === NO_BLOCK ? 0 : BLOCK_BYTES - lastUsed;
    return length <= room ? 0 : Math.ceil((length - room) / BLOCK_BYTES) * BLOCK_BYTES;
  }

  /** Appends the first `length` bytes of `from`. False where there are no blocks left for them. */
  append(chain: ByteChain, from: Int32Array, length: number): boolean {
    this.#words ??= this.#allocate();
    const words = this.#words;
    const end = length / WORD_BYTES;
    let at = 0;
    while (at < end) {
      if ((chain.lastBlock === NO_BLOCK || chain.lastUsed === BLOCK_BYTES) && !this.#extend(chain)) return false;
      const used = chain.lastUsed / WORD_BYTES;
      const start = chain.lastBlock * BLOCK_WORDS + used;
      const count = Math.min(BLOCK_WORDS - used, end - at);
      for (let i = 0; i < count; i++) words[start + i] = from[at + i] ?? 0;
      chain.lastUsed += count * WORD_BYTES;
      at += count;
    }
    return true;
  }

  /** A copy of all bytes of the chain. */
  read(chain: ByteChain): Buffer {
    const parts: Uint8Array[] = [];
    const bytes = this.#words === undefined ? NO_BYTES : new Uint8Array(this.#words.buffer);
    for (let block = chain.firstBlock; block !== NO_BLOCK; block = this.#next[block] ?? NO_BLOCK) {
      const start = block * BLOCK_BYTES;
      const end = start + (block === chain.lastBlock ? chain.lastUsed : BLOCK_BYTES);
      parts.push(bytes.subarray(start, end));
      if (block === chain.lastBlock) break;
    }
    return Buffer.concat(parts);
  }

  free(chain: ByteChain): void {
    if (chain.lastBlock === NO_BLOCK) return;
    this.#next[chain.lastBlock] = this.#firstFree;
    this.#firstFree = chain.firstBlock;
    forgetBytes(chain);
  }

  #extend(chain: ByteChain): boolean {
    const block = this.#take();
    if (block === NO_BLOCK) return false;
    if (chain.lastBlock === NO_BLOCK) chain.firstBlock = block;
    else this.#next[chain.lastBlock] = block;
    chain.lastBlock = block;
    chain.lastUsed = 0;
    return true;
  }

  #take(): number {
    const block = this.#firstFree;
    if (block === NO_BLOCK) return this.#fresh < this.#blocks ? this.#fresh++ : NO_BLOCK;
    this.#firstFree = this.#next[block] ?? NO_BLOCK;
    return block;
  }

  #allocate(): Int32Array {
    this.#next = new Int32Array(this.#blocks);
    return new Int32Array(this.#blocks * BLOCK_WORDS);
  }
}
