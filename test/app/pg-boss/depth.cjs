// Queues of pg-boss with jobs in each state, for their gauges.
// Usage: DATABASE_URL=postgres://… node --require @sietch/otel/register depth.cjs, copied beside the node_modules that holds pg-boss
const { once } = require('node:events');

const exported = require('pg-boss');
const PgBoss = exported.PgBoss ?? exported;

async function main() {
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, schema: 'mine', max: 4 });
  boss.on('error', (error) => console.log('error', error.name, error.message));
  await boss.start();
  if (boss.createQueue !== undefined) for (const queue of ['idle', 'jobs']) await boss.createQueue(queue);
  for (const at of [1, 2]) await boss.send('idle', { at, card: '4111111111111111' });
  await boss.send('idle', { card: '4111111111111111' }, { startAfter: 600 });
  for (const kind of ['completed', 'failed', 'active']) await boss.send('jobs', { kind }, { retryLimit: 0 });
  let release;
  const held = new Promise((resolve) => {
    release = resolve;
  });
  let begun = 0;
  await new Promise((resolve) => {
    void boss.work('jobs', { newJobCheckInterval: 200, pollingIntervalSeconds: 0.5, teamSize: 3, teamConcurrency: 3 }, (given) =>
      work(given, resolve),
    );
  });
  console.log('ready');
  await once(process, 'message');
  release();
  await boss.stop({ graceful: false });
  console.log('stopped');
  await once(process, 'message');
  process.exit(0);

  async function work(given, resolve) {
    const [{ data }] = [].concat(given);
    if (++begun === 3) setImmediate(resolve);
    if (data.kind === 'failed') throw new RangeError('refused');
    if (data.kind === 'active') await held;
  }
}

void main();
