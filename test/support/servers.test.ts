import { Redis } from 'ioredis';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { freshDatabase, freshRedis, postgresUrl, redisUrl } from './servers.ts';

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('each fresh database is empty, its own, and shows its statements', async () => {
  const [first, second] = await Promise.all([freshDatabase(), freshDatabase()]);
  await query(first, 'CREATE TABLE orders (id int)');
  expect(await query(second, `SELECT to_regclass('orders') AS orders`)).toEqual([{ orders: null }]);
  const statements = `SELECT calls::int FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
    WHERE datname = current_database() AND query LIKE 'CREATE TABLE orders%'`;
  expect(await query(first, statements)).toEqual([{ calls: 1 }]);
});

test('the server says query ids, keeps long statements and can explain', async () => {
  const settings = await query(
    postgresUrl(),
    `SELECT current_setting('compute_query_id') AS ids, current_setting('track_activity_query_size') AS size,
            current_setting('auto_explain.log_min_duration') AS explain, current_setting('log_line_prefix') AS prefix`,
  );
  expect(settings).toEqual([{ ids: 'on', size: '4kB', explain: '-1', prefix: '%m [%p] db=%d app=%a qid=%Q ' }]);
});

test('each fresh Redis database is empty and its own', async () => {
  const urls = await Promise.all([freshRedis(), freshRedis()]);
  const [first, second] = urls.map((url) => new Redis(url));
  try {
    await first?.set('key', 'value');
    expect(await second?.dbsize()).toBe(0);
    expect(await first?.dbsize()).toBe(1);
    expect(urls[0]).toMatch(new RegExp(`^${redisUrl()}/\\d+$`));
  } finally {
    first?.disconnect();
    second?.disconnect();
  }
});
