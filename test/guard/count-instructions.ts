// Prints the user-space instructions that observing adds to each hot operation: npx tsx test/guard/count-instructions.ts [folder of register.js] [operation…]
import { resolve } from 'node:path';
import { startSink } from '../../bench/sink.ts';
import { ROOT } from '../support/checkout.ts';
import { findInstructionCounter } from '../support/instructions.ts';
import { countAdded, OPERATIONS } from './hot-operations.ts';

async function main(folder = 'dist', ...names: string[]): Promise<void> {
  const counter = await findInstructionCounter();
  const sink = await startSink();
  const counting = { counter, node: process.execPath, dist: resolve(ROOT, folder), collectorUrl: sink.url };
  for (const operation of OPERATIONS.filter((each) => names.length === 0 || names.includes(each))) {
    const added = await countAdded(operation, counting);
    const { spans } = await sink.take();
    console.log(`${operation}: ${Math.round(added)} instructions, ${spans} spans, by ${counter.name}`);
  }
  sink.close();
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
