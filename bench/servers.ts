// The servers of a run: PostgreSQL with a table, Redis, and the sink of the spans.

import { Client } from 'pg';
import { startPostgres } from '../test/support/postgres.ts';
import { startRedis } from '../test/support/redis.ts';
import { pinServer } from './pinning.ts';
import { type Sink, startSink } from './sink.ts';

export interface Servers {
  readonly place: { readonly sink: Sink; readonly databaseUrl: string; readonly redisUrl: string };
  /** `PostgreSQL 18.4 (embedded)`. */
  readonly names: readonly string[];
  stop(): Promise<void>;
}

export async function startServers(onProgress: (line: string) => void): Promise<Servers> {
  const [postgres, redis, sink] = await Promise.all([startPostgres({ onProgress }), startRedis({ onProgress }), startSink()]);
  pinServer(postgres.pid);
  pinServer(redis.pid);
  const databaseUrl = await postgres.createDatabase();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("CREATE TABLE accounts AS SELECT id, 'account ' || id AS name FROM generate_series(0, 999) AS id");
  await client.query('ALTER TABLE accounts ADD PRIMARY KEY (id)');
  await client.end();
  return {
    place: { sink, databaseUrl, redisUrl: redis.url },
    names: [postgres.name, redis.name],
    async stop() {
      sink.close();
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}
