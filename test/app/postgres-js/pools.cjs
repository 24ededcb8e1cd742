// Pools of postgres.js under load: queries that wait, transactions, two pools of one database.
// Usage: node --require @sietch/otel/register pools.cjs postgres://…
const { once } = require('node:events');

exports.run = async (postgres) => {
  const url = process.argv[2];
  const pools = [2, 3].map((max) => postgres(url, { max, onnotice: () => {} }));
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  /** Resolves when it holds a connection, with the end of its transaction. */
  const hold = (sql) =>
    new Promise((resolve) => {
      const ended = sql.begin(async (own) => {
        await own`select 2`;
        resolve({ ended });
        await held;
      });
    });
  // Both connections of the first pool are in a transaction, and one of the second.
  const transactions = [await hold(pools[0]), await hold(pools[0]), await hold(pools[1])];
  const waiting = [1, 2].map((n) => pools[0]`select ${n}::int`.execute());
  // Another connection of the second pool is made, and idle from then on.
  await pools[1]`select 3`;
  await new Promise((resolve) => setImmediate(resolve));
  console.log('used 3 idle 1 pending 2 max 5');
  await once(process, 'message');
  release();
  await Promise.all([...transactions.map(({ ended }) => ended), ...waiting]);
  await Promise.all(pools.map((sql) => sql.end()));
  console.log('all ended');
  await once(process, 'message');
  process.disconnect();
};

if (require.main === module) void exports.run(require('postgres'));
