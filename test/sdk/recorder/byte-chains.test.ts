// Chains of blocks beside a model of them: what was appended is read, and blocks that were freed are used again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BLOCK_BYTES, type ByteChain, ByteChains, NO_BLOCK, WORD_BYTES } from '../../../src/sdk/recorder/byte-chains.js';

const BLOCKS = 32;

const step = fc.record({
  chain: fc.nat({ max: 4 }),
  words: fc.int32Array({ maxLength: (3 * BLOCK_BYTES) / WORD_BYTES, size: 'max' }),
  isFreed: fc.boolean(),
});

test('chains hold what was appended to them, and nothing of one another', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const chains = new ByteChains(BLOCKS * BLOCK_BYTES);
      const owners = Array.from({ length: 5 }, (): ByteChain => ({ firstBlock: NO_BLOCK, lastBlock: NO_BLOCK, lastUsed: 0 }));
      const model = owners.map((owner) => ({ owner, bytes: Buffer.alloc(0), blocks: 0 }));
      for (const { chain, words, isFreed } of steps) {
        const each = model[chain];
        const bytes = Buffer.from(words.buffer);
        if (each === undefined) continue;
        if (isFreed) {
          chains.free(each.owner);
          each.bytes = Buffer.alloc(0);
          each.blocks = 0;
        }
        const growth = chains.growthOf(each.owner, bytes.length) / BLOCK_BYTES;
        if (model.reduce((sum, { blocks }) => sum + blocks, growth) > BLOCKS) continue;
        chains.append(each.owner, words, bytes.length);
        each.blocks += growth;
        each.bytes = Buffer.concat([each.bytes, bytes]);
        expect(each.blocks).toBe(Math.ceil(each.bytes.length / BLOCK_BYTES));
      }
      for (const { owner, bytes } of model) expect(chains.read(owner).equals(bytes)).toBe(true);
    }),
  );
});
