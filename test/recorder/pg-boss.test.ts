// Traces that are kept in a worker of pg-boss and arrive whole, from the process that has added the job too.
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { type NodeMajor, nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freshDatabase, postgresUrl } from '../support/servers.ts';
import { ask } from '../support/web-app.ts';

const SERVICES = ['web', 'worker'];
const LAST = { version: '12.38.0', node: '24' } as const;

let receiver: Receiver;
let database: string;
let web: App;
let worker: App;
/** Of the test itself, on another database. */
let admin: Client;

afterEach(async () => {
  await Promise.all([web?.stop(), worker?.stop(), admin?.end()]);
  await receiver?.close();
});

async function start({ version, node }: { version: string; node: NodeMajor }, env: Record<string, string> = {}): Promise<string> {
  const packages = { 'pg-boss': version, pg: '8.23.1', '@opentelemetry/api': '1.9.0' };
  const modules = await installedPackages(join(cacheDirectory('libraries'), `pg-boss-${version}-api`), packages);
  receiver = await startReceiver();
  database = await freshDatabase();
  admin = new Client(postgresUrl());
  await admin.connect();
  const binary = await nodeBinary(node);
  const run = (name: string) =>
    runApp('test/app/recorder/boss.cjs', {
      args: [modules],
      node: binary,
      receiver,
      env: {
        NAME: name,
        DATABASE_URL: database,
        OTEL_SERVICE_NAME: name,
        SIETCH_OTEL_RECORDER: 'on',
        SIETCH_OTEL_RECORDER_SLOW_MS: '0',
        SIETCH_OTEL_PG_SLOW_QUERY_MS: '0',
        SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '0',
        OTEL_TRACES_SAMPLER: 'parentbased_always_off',
        OTEL_BSP_SCHEDULE_DELAY: '100',
        ...env,
      },
    });
  worker = run('worker');
  await worker.waitForMessage((message) => (isWith(message, 'working') ? true : undefined));
  web = run('web');
  return `http://127.0.0.1:${await web.waitForMessage((message) => (isWith(message, 'port') ? Number(message.port) : undefined))}`;
}

async function arrives(traceId: string): Promise<Record<string, unknown>> {
  const isWhole = (services: ReadonlySet<string>) => SERVICES.every((service) => services.has(service));
  const spans = await receiver.store.waitForTrace(traceId, (found) => isWhole(new Set(found.map(({ service }) => service))));
  const given = spans.filter(({ attributes }) => attributes['sietch.keep.reason'] !== undefined);
  return Object.fromEntries(given.map(({ service, attributes }) => [service, attributes['sietch.keep.reason']]));
}

const taken = () => worker.waitForMessage((message) => (isWith(message, 'taken') ? true : undefined));

/** Ends the connections of ours to the database of the test, and lets nobody in. */
async function shut(isShut: boolean): Promise<void> {
  const name = new URL(database).pathname.slice(1);
  await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS ${!isShut}`);
  if (!isShut) return;
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'sietch-otel'", [
    name,
  ]);
}

//  web      GET ─ send jobs ─ INSERT                   in the ring: the notification tells it
//  worker         └ process jobs ERROR                 kept here
test.each([
  { version: '9.0.0', node: '20', env: { SIETCH_OTEL_QUEUE_PG_BOSS_DATA: 'on' } },
  { version: '11.1.2', node: '24', env: { SIETCH_OTEL_QUEUE_PG_BOSS_DATA: 'on' } },
  { ...LAST, env: {} },
] as const)(
  'pg-boss $version: a failing job brings the half of its request',
  async ({ env, ...version }) => {
    const url = await start(version, env);
    const { body: fine } = await ask(`${url}/fine`);
    const { body: failing } = await ask(`${url}/failing`);
    expect(await arrives(failing)).toEqual({ web: 'downstream', worker: 'error' });
    expect(receiver.store.trace(fine).spans).toEqual([]);
  },
  INSTALLING_MS,
);

test(
  'PostgreSQL lets nobody in when the mark is due: one line, and it is told when it can be',
  async () => {
    const url = await start(LAST, { WAITS: '1' });
    const { body: traceId } = await ask(`${url}/failing`);
    await taken();
    await shut(true);
    worker.send({ go: true });
    await worker.waitForLine(/SIETCH250 .*PostgreSQL channel sietch_otel_kept/);
    await shut(false);
    expect(await arrives(traceId)).toEqual({ web: 'downstream', worker: 'error' });
    expect(worker.stderr.match(/SIETCH250/g)).toHaveLength(1);
  },
  INSTALLING_MS,
);

function isWith<Key extends string>(message: unknown, key: Key): message is Record<Key, unknown> {
  return typeof message === 'object' && message !== null && key in message;
}
