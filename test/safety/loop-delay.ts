// Prints what the preload adds to the delay of the event loop: the small service bare and preloaded, in turns, under the same steady load.
// Usage: npx tsx test/safety/loop-delay.ts [requests a second, default 100] [rounds, default 8]
// The delay is that of timers of a millisecond, the finest that Node's own histogram has: an idle loop shows a little over one.
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { type Used, used } from './soak-load.ts';
import { percentile, SteadyApp, startWithCollector } from './steady-app.ts';

const [perSecond = 100, rounds = 8] = process.argv.slice(2).map(Number);
const SLICE_MS = 5_000;
const WARM_UP_MS = 3_000;

async function main(): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const servers = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  const bare = await SteadyApp.start({ preload: 'none', env: servers });
  const { collector, steady: preloaded } = await startWithCollector(servers);
  const slices = new Map<SteadyApp, Used[]>([
    [bare, []],
    [preloaded, []],
  ]);
  for (const app of slices.keys()) await app.run(perSecond, WARM_UP_MS);
  for (let round = 0; round < rounds; round++) {
    for (const [app, measured] of slices) {
      await used(app.app);
      await app.run(perSecond, SLICE_MS);
      measured.push(await used(app.app));
    }
  }
  print(slices.get(bare) ?? [], slices.get(preloaded) ?? []);
  await Promise.all([bare.stop(), preloaded.stop()]);
  await Promise.all([collector.turn('gone'), postgres.stop(), redis.stop()]);
}

function print(bare: readonly Used[], preloaded: readonly Used[]): void {
  console.log('| delay of the event loop, ms | bare | preloaded | added, by round |\n|---|--:|--:|---|');
  const line = (what: string, value: (used: Used) => number) => {
    const added = preloaded.map((each, round) => value(each) - value(bare[round] ?? each));
    const median = (all: readonly number[]) => percentile(all, 0.5).toFixed(2);
    const byRound = added.map((each) => each.toFixed(2)).join(' ');
    console.log(`| ${what} | ${median(bare.map(value))} | ${median(preloaded.map(value))} | ${median(added)} (${byRound}) |`);
  };
  line('median', ({ delayP50Ms }) => delayP50Ms);
  line('99th percentile', ({ delayMs }) => delayMs);
  line('longest', ({ delayMaxMs }) => delayMaxMs);
}

void main();
