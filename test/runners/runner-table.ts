// Prints docs' table of runners: each way of ending, bare and under the preload, for all runners that people use.
// Usage: npx tsx test/runners/runner-table.ts FOLDER [names]   FOLDER has the runners installed:
//   npm i tsx ts-node typescript@5 @types/node ts-node-dev nodemon concurrently cross-env dotenv-cli npm-run-all2 pm2 jest vitest mocha yarn pnpm10@npm:pnpm@10
// Exits with 1 when anything is not as bare.
import { join, resolve } from 'node:path';
import { type Ended, type Observed, type RunOptions, runUnder } from './run.ts';
import { type Act, OTHER_RUNNERS, OWN_RUNNERS, type Runner } from './runners.ts';

const [folder = '', ...chosen] = process.argv.slice(2);
const bin = join(resolve(folder), 'node_modules/.bin');

interface Case {
  readonly act: Act;
  readonly drains: boolean;
}

function casesOf({ acts }: Runner): Case[] {
  return acts.flatMap((act) =>
    (act === 'SIGTERM' || act === 'SIGINT' ? [false, true] : [act === 'restart']).map((drains) => ({ act, drains })),
  );
}

function show({ status, isLeft, told, ms }: Ended): string {
  const text = status === -2 ? 'does not end' : String(status);
  return `${text}${isLeft ? ', app left' : ''} (${told.join(' ')}), ${ms.toFixed(0)} ms`;
}

function isSame(a: Ended, b: Ended): boolean {
  return a.status === b.status && a.isLeft === b.isLeft && a.told.join() === b.told.join();
}

/** A runner that cannot be run is a row, not the end of the table. */
async function tried(runner: Runner, options: RunOptions): Promise<Ended> {
  return runUnder(runner, options).catch((error: unknown) => {
    const output = error instanceof Error ? error.message : String(error);
    return { status: -3, told: [output.slice(0, 100).replaceAll('\n', ' ')], isLeft: false, ms: 0, output };
  });
}

async function main(): Promise<void> {
  console.log('| runner | act | bare | preloaded the same | |\n|---|---|---|---|---|');
  const runners = [...OTHER_RUNNERS, ...OWN_RUNNERS].filter(
    ({ name }) => chosen.length === 0 || chosen.some((each) => name.includes(each)),
  );
  for (const runner of runners) {
    for (const { act, drains } of casesOf(runner)) {
      const bare = await tried(runner, { observed: 'no', act, drains, bin });
      const ways: readonly Observed[] = runner.withFlag === undefined ? ['env'] : ['env', 'flag'];
      for (const observed of ways) {
        const ended = await tried(runner, { observed, act, drains, bin });
        const same = isSame(bare, ended);
        if (!same) process.exitCode = 1;
        const name = `${runner.name}${observed === 'flag' ? ' (flag)' : ''}`;
        console.log(`| ${name} | ${act}${drains ? ', drains' : ''} | ${show(bare)} | ${same ? 'yes' : 'NO'}: ${show(ended)} | |`);
        if (!same && process.env['SHOW'] !== undefined) console.log(bare.output, '\n-----\n', ended.output);
      }
    }
  }
}

void main();
