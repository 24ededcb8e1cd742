import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from './app.ts';
import { eventually } from './eventually.ts';
import { type Postgres, startPostgres } from './postgres.ts';

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres({ own: true, logMinDurationMs: 0, settings: { work_mem: '8MB' } });
});
afterAll(() => server?.stop());

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

test('the log shows a statement with its comment and its query id', async () => {
  const client = await connect(server.url);
  await client.query('SELECT 42 /*traceId: 4bf92f35*/');
  await client.end();
  const line = await eventually(
    'the statement is in the log',
    () => /qid=(-?\d+) .*SELECT 42 \/\*traceId: 4bf92f35\*\//.exec(server.log()) ?? undefined,
  );
  expect(line[1]).not.toBe('0');
});

test('settings are taken', async () => {
  const client = await connect(server.url);
  expect((await client.query('SHOW work_mem')).rows).toEqual([{ work_mem: '8MB' }]);
  await client.end();
});

test('a killed server breaks its connections; restarted, it is on the same port with its data', async () => {
  const url = await server.createDatabase();
  const client = await connect(url);
  await client.query('CREATE TABLE kept (id int)');
  const broken = new Promise((resolve) => client.once('error', resolve));
  await server.kill();
  await broken;
  expect(server.pid).toBe(0);
  await expect(connect(url)).rejects.toThrow(/ECONNREFUSED/);

  await server.restart();
  const again = await connect(url);
  expect((await again.query('SELECT count(*)::int FROM kept')).rows).toEqual([{ count: 0 }]);
  await again.end();
});

test('a server given by DATABASE_URL is used, and left running', async () => {
  const app = runApp('test/fixtures/start-postgres.ts', { preload: 'none', env: { DATABASE_URL: server.url } });
  const { stdout } = await app.waitForExit();
  expect(stdout).toMatch(/^started: the PostgreSQL at DATABASE_URL\ndatabase: postgres:.*\/test_\w+\nkill: .*not ours/);
  await (await connect(server.url)).end();
});
