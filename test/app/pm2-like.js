// Usage: node test/app/pm2-like.js <register.js>
// Runs test/app/cluster-worker.js as PM2's cluster mode does: from a primary of its own, which has no preload, with what PM2 puts into the environment.
// On `{ restart: number, signal }` it ends instance `number` and starts it anew with AMOUNT 20; prints `ended <number>`.
const cluster = require('node:cluster');
const { join } = require('node:path');

cluster.setupPrimary({ exec: join(__dirname, 'cluster.js'), execArgv: ['--require', process.argv[2]] });

const workers = [];
function start(number, amount) {
  const env = { name: 'shop', NODE_APP_INSTANCE: number, pm_id: number, exec_mode: 'cluster_mode' };
  const worker = cluster.fork({ pm2_env: JSON.stringify(env), AMOUNT: String(amount) });
  workers[number] = worker;
  worker.on('exit', () => console.log(`ended ${number}`));
}

start(0, 100);
// The second one surely finds the port taken.
workers[0].once('listening', () => start(1, 7));
process.on('message', ({ restart, signal }) => {
  workers[restart].once('exit', () => start(restart, 20));
  workers[restart].process.kill(signal);
});
