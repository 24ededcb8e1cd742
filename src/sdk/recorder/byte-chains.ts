// Chains of blocks in one buffer: bytes are appended to a chain, and freed with it, and no object is
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

/** The bytes have another owner, or none. */
export function forgetBytes(chain: ByteChain): void {
  chain.firstBlock = NO_BLOCK;
  chain.lastBlock = NO_BLOCK;
  chain.lastUsed = 0;
}

export class ByteChains {
  readonly #blocks: number;
  /** Not there before it is needed; the system gives the pages of it that are touched. */
  #bytes: Uint8Array | undefined = undefined;
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
  append(chain: ByteChain, from: Uint8Array, length: number): boolean {
    this.#bytes ??= this.#allocate();
    const bytes = this.#bytes;
    let at = 0;
    while (at < length) {
      if ((chain.lastBlock === NO_BLOCK || chain.lastUsed === BLOCK_BYTES) && !this.#extend(chain)) return false;
      const start = chain.lastBlock * BLOCK_BYTES + chain.lastUsed;
      const count = Math.min(BLOCK_BYTES - chain.lastUsed, length - at);
      for (let i = 0; i < count; i++) bytes[start + i] = from[at + i] ?? 0;
      chain.lastUsed += count;
      at += count;
    }
    return true;
  }

  /** A copy of all bytes of the chain. */
  read(chain: ByteChain): Buffer {
    const parts: Uint8Array[] = [];
    for (let block = chain.firstBlock; block !== NO_BLOCK; block = this.#next[block] ?? NO_BLOCK) {
      const start = block * BLOCK_BYTES;
      const end = start + (block === chain.lastBlock ? chain.lastUsed : BLOCK_BYTES);
      if (this.#bytes !== undefined) parts.push(this.#bytes.subarray(start, end));
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

  #allocate(): Uint8Array {
    this.#next = new Int32Array(this.#blocks);
    return new Uint8Array(this.#blocks * BLOCK_BYTES);
  }
}
