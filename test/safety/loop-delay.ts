// Prints what the preload adds to the delay of the event loop: the small service, or the worker of the example service, bare and preloaded, in turns,
// under the same steady load.
// Usage: npx tsx test/safety/loop-delay.ts [service | worker] [requests a second, default 100; webhooks, 30] [rounds, default 8]
// The delay is that of timers of a millisecond, the finest that Node's own histogram has: an idle loop shows a little over one.
import type { App } from '../support/app.ts';
import { startReceiver } from '../support/otlp.ts';
import { startPostgres } from '../support/postgres.ts';
import { startRedis } from '../support/redis.ts';
import { startWebhookApp } from '../webhook/webhook-app.ts';
import { sendSteadily, type Used, used } from './soak-load.ts';
import { percentile, SteadyApp, startWithCollector } from './steady-app.ts';

const [kind = 'service', ...numbers] = process.argv.slice(2);
const [perSecond = kind === 'worker' ? 30 : 100, rounds = 8] = numbers.map(Number);
const SLICE_MS = 5_000;
const WARM_UP_MS = 3_000;

interface Subject {
  /** Whose event loop it is. */
  readonly app: App;
  run(perSecond: number, milliseconds: number): Promise<void>;
  stop(): Promise<unknown>;
}

interface Pair {
  readonly bare: Subject;
  readonly preloaded: Subject;
  stop(): Promise<unknown>;
}

type Postgres = Awaited<ReturnType<typeof startPostgres>>;
type Redis = Awaited<ReturnType<typeof startRedis>>;

async function startServices(postgres: Postgres, redis: Redis): Promise<Pair> {
  const servers = { DATABASE_URL: postgres.url, REDIS_URL: redis.url };
  const bare = await SteadyApp.start({ preload: 'none', env: servers });
  const { collector, steady: preloaded } = await startWithCollector(servers);
  return { bare, preloaded, stop: () => collector.turn('gone') };
}

async function startWorkers(postgres: Postgres, redis: Redis): Promise<Pair> {
  const receiver = await startReceiver({ maxSpans: 100 });
  const start = async (redisDatabase: number, preload: 'none' | 'require'): Promise<Subject> => {
    const app = await startWebhookApp({
      preload,
      receiver,
      nodeArgs: ['--expose-gc', '--require', './test/app/probe.cjs'],
      env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' },
      databaseUrl: await postgres.createDatabase(),
      redisUrl: `${redis.url}/${redisDatabase}`,
    });
    let sent = 0;
    const send = async () => {
      const { status } = await app.send({ id: `evt_${++sent}`, customerId: `ctm_${(sent % 50) + 1}` });
      if (status !== 200) throw new Error(`a webhook was answered with ${status}`);
    };
    return { app: app.worker, run: (rate, milliseconds) => sendSteadily(rate, milliseconds, send), stop: () => app.stop() };
  };
  return { bare: await start(1, 'none'), preloaded: await start(2, 'require'), stop: () => receiver.close() };
}

async function main(): Promise<void> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const { bare, preloaded, stop } = await (kind === 'worker' ? startWorkers : startServices)(postgres, redis);
  const slices = new Map<Subject, Used[]>([
    [bare, []],
    [preloaded, []],
  ]);
  for (const subject of slices.keys()) await subject.run(perSecond, WARM_UP_MS);
  for (let round = 0; round < rounds; round++) {
    for (const [subject, measured] of slices) {
      await used(subject.app);
      await subject.run(perSecond, SLICE_MS);
      measured.push(await used(subject.app));
    }
  }
  print(slices.get(bare) ?? [], slices.get(preloaded) ?? []);
  await Promise.all([bare.stop(), preloaded.stop()]);
  await Promise.all([stop(), postgres.stop(), redis.stop()]);
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
