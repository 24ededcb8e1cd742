// Pools under load: callers that wait, connections that break, several pools of one database.
// Usage: node --require @sietch/otel/register test/app/pg-pools.js postgres://…
const { trace } = require('@opentelemetry/api');
const pg = require('pg');

const connectionString = process.argv[2];
const tracer = trace.getTracer('app');
const traced = (name, work) => tracer.startActiveSpan(name, (span) => Promise.resolve(work()).finally(() => span.end()));
const active = () => trace.getActiveSpan()?.name ?? 'none';
const told = () => new Promise((resolve) => process.once('message', resolve));

async function callers() {
  const pool = new pg.Pool({ connectionString, max: 1 });
  const first = await pool.connect();
  // All wait for the one connection; each goes on in its own span when it gets it, not in that of whoever gave it back.
  const waiting = [
    traced('by promise', async () => {
      const client = await pool.connect();
      await client.query('SELECT 1');
      console.log('by promise:', active());
      client.release();
    }),
    traced(
      'by callback',
      () =>
        new Promise((resolve) =>
          pool.connect((_, client, release) => {
            console.log('by callback:', active());
            client.query('SELECT 2', () => {
              console.log('by callback, then:', active());
              release();
              resolve();
            });
          }),
        ),
    ),
    traced('by query', () => pool.query('SELECT 3').then(() => console.log('by query:', active()))),
    traced(
      'by query with callback',
      () =>
        new Promise((resolve) =>
          pool.query('SELECT 4', () => {
            console.log('by query with callback:', active());
            resolve();
          }),
        ),
    ),
  ];
  await traced('releaser', async () => {
    await first.query('SELECT pg_sleep(0.05)');
    // Broken: the next caller gets a new connection, made on behalf of that caller.
    first.release(new Error('broken'));
  });
  await Promise.all(waiting);
  await pool.end();
}

/** What a connection itself tells belongs to no request, least of all to the one that opened it. */
async function notifications() {
  const client = new pg.Client({ connectionString });
  await traced('opener', () => client.connect());
  const notified = new Promise((resolve) => client.once('notification', () => resolve(active())));
  await client.query('LISTEN pools');
  await client.query('NOTIFY pools');
  console.log('notification:', await notified);
  await client.end();
}

async function counts() {
  const pools = [3, 4].map((max) => new pg.Pool({ connectionString, max }));
  const held = await Promise.all([pools[0].connect(), pools[0].connect(), pools[0].connect(), pools[1].connect(), pools[1].connect()]);
  held.pop().release();
  const pending = [pools[0].connect(), pools[0].connect()];
  console.log('used 4 idle 1 pending 2 max 7');
  await told();
  for (const client of held) client.release();
  for (const client of await Promise.all(pending)) client.release();
  await Promise.all(pools.map((pool) => pool.end()));
  console.log('all ended');
  await told();
}

async function failing() {
  const full = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 50 });
  const held = await full.connect();
  await traced('full, query', () => full.query('SELECT 5').catch(() => {}));
  await traced('full, connect', () => full.connect().catch(() => {}));
  held.release();
  await full.end();
  const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1, database: 'nowhere' });
  await traced('refused, query', () => nowhere.query('SELECT 6').catch(() => {}));
  await traced('refused, client', () => new pg.Client({ host: '127.0.0.1', port: 1, database: 'nowhere' }).connect().catch(() => {}));
}

async function main() {
  await callers();
  await notifications();
  await failing();
  await counts();
  process.disconnect();
}

void main();
