// What pool.query() calls of the app's besides its promise, and in whose context.
// Usage: node --require @sietch/otel/register test/app/pg-pool-query.js postgres://…
const { context, createContextKey } = require('@opentelemetry/api');
const pg = require('pg');

const connectionString = process.argv[2];
const CALLER = createContextKey('caller');
const as = (name, work) => context.with(context.active().setValue(CALLER, name), work);
const tell = (what) => console.log(`${what} in ${context.active().getValue(CALLER)}`);

/** Each connection gets a role before it gets the query. */
class RolePool extends pg.Pool {
  connect(callback) {
    return super.connect((error, client, release) => {
      if (error) return callback(error, client, release);
      client.query('SELECT 1', () => {
        tell('setup');
        callback(error, client, release);
      });
    });
  }
}

async function main() {
  const log = (message) => message === 'query dispatched' && tell('log');
  const pools = { listener: new pg.Pool({ connectionString, max: 1 }), log: new pg.Pool({ connectionString, max: 1, log }) };
  pools.listener.on('release', () => tell('release'));
  const roles = new RolePool({ connectionString, max: 1 });
  // Twice: of a connection that is made, and of one that was idle.
  for (const run of [1, 2]) {
    for (const [kind, pool] of Object.entries(pools)) await as(`${kind} ${run}`, () => pool.query('SELECT 1'));
    await as(`setup ${run}`, () => roles.query('SELECT 1').then(() => tell('result')));
  }
  const unhandled = new Promise((resolve) => process.once('unhandledRejection', () => resolve(tell('unhandled rejection'))));
  as('failing', () => void roles.query('SELECT nothing'));
  await unhandled;
  await Promise.all([...Object.values(pools), roles].map((pool) => pool.end()));
}

void main();
