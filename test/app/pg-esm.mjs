// The pg integration in an ES module: named and default imports, pg-pool by itself.
// Usage: node --require @sietch/otel/register test/app/pg-esm.mjs postgres://…
import pg, { Client, Pool } from 'pg';
import PgPool from 'pg-pool';

const connectionString = process.argv[2];
const client = new Client({ connectionString });
await client.connect();
await client.query('SELECT 1 AS client');
await client.end();
const pool = new Pool({ connectionString });
await pool.query('SELECT 2 AS pool');
await pool.end();
const other = new PgPool({ connectionString, Client: pg.Client });
await other.query('SELECT 3 AS "pg-pool"');
await other.end();
