// Usage: node test/app/pm2-like.js <register.js>
// Runs test/app/cluster.js as PM2's cluster mode does: from a primary of its own, which has no preload, by a program of PM2's, with the variables of the
// app packed into one.
// On `{ restart: number, signal }` it ends instance `number` and starts it anew with AMOUNT 20; prints `ended <number>`.
// On `{ reload: signal }` it starts both anew, with AMOUNT 20, and then ends the old ones at the same time.
const cluster = require('node:cluster');
const { join } = require('node:path');

cluster.setupPrimary({ exec: join(__dirname, 'pm2/ProcessContainer.js'), execArgv: ['--require', process.argv[2]] });

const variables = {};
for (const name of Object.keys(process.env).filter((key) => key.startsWith('OTEL_') || key.startsWith('SIETCH_'))) {
  variables[name] = process.env[name];
  delete process.env[name];
}

const workers = [];
function start(number, amount) {
  const own = {
    name: 'shop',
    NODE_APP_INSTANCE: number,
    pm_id: number,
    exec_mode: 'cluster_mode',
    pm_exec_path: join(__dirname, 'cluster.js'),
  };
  const worker = cluster.fork({ pm2_env: JSON.stringify({ ...variables, AMOUNT: String(amount), ...own }) });
  workers[number] = worker;
  worker.on('exit', () => console.log(`ended ${number}`));
}

start(0, 100);
// The second one surely finds the port taken.
workers[0].once('listening', () => start(1, 7));

async function reload(signal) {
  const old = [...workers];
  for (const number of old.keys()) start(number, 20);
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('listening', resolve))));
  for (const worker of old) worker.process.kill(signal);
}

process.on('message', ({ restart, reload: reloadSignal, signal }) => {
  if (reloadSignal !== undefined) return void reload(reloadSignal);
  workers[restart].once('exit', () => start(restart, 20));
  workers[restart].process.kill(signal);
});
