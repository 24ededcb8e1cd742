// One of two processes with pg-boss: `web` adds a job for each request and answers the trace id, `worker` works them off, and fails those whose data
// say so when it is told to go on.
// Usage: NAME=web DATABASE_URL=postgres://… node --require ./dist/register.js test/app/recorder/boss.cjs <node_modules that hold pg-boss>
const { createServer } = require('node:http');
const { createRequire } = require('node:module');
const { trace } = require('@opentelemetry/api');

const exported = createRequire(`${process.argv[2]}/x.js`)('pg-boss');
const boss = new (exported.PgBoss ?? exported)({ connectionString: process.env.DATABASE_URL, max: 4 });
boss.on('error', () => {});
let letGo;
const go = new Promise((resolve) => {
  letGo = resolve;
});
const waiting = process.env.WAITS === '1' ? go : Promise.resolve();

async function serve() {
  const server = createServer(async (request, response) => {
    await boss.send('jobs', { fails: request.url === '/failing' }, { retryLimit: 0 });
    response.end(trace.getActiveSpan()?.spanContext().traceId);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.send({ port: server.address().port });
}

async function work() {
  await boss.work('jobs', { newJobCheckInterval: 200, pollingIntervalSeconds: 0.5 }, async (given) => {
    const [job] = [given].flat();
    if (!job.data.fails) return;
    process.send({ taken: job.id });
    await waiting;
    throw new RangeError('no such customer');
  });
  process.send({ working: true });
}

async function main() {
  await boss.start();
  if (process.env.NAME === 'worker') {
    await boss.createQueue?.('jobs');
    await work();
  } else await serve();
}

process.on('message', (message) => {
  if (message.go) letGo();
});
process.once('SIGTERM', () => process.exit());
void main();
