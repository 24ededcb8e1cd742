// Usage: node --require @sietch/otel/register test/app/cluster.js
// A primary and two workers that add 100 and 7 to a counter. On `{ fork: n }` it starts a worker that adds n, on `{ kill: index, signal }` it ends one.
// A worker answers `/app-metrics` on a shared server by the mounted handler. Prints `ready <pid>` for each worker and `address <url>`.
const cluster = require('node:cluster');
const { createServer } = require('node:http');
const { metrics } = require('@opentelemetry/api');
const { metricsHandler } = require('../../dist/index.js');

const meter = metrics.getMeter('app');

function work() {
  // The app hears of nothing but its own messages.
  process.on('message', (message) => console.log(`worker got ${JSON.stringify(message)}`));
  const amount = Number(process.env.AMOUNT);
  meter.createCounter('things').add(amount, { kind: 'a' });
  const histogram = meter.createHistogram('wait', { unit: 's', advice: { explicitBucketBoundaries: [1] } });
  histogram.record(0.5);
  histogram.record(amount);
  meter.createUpDownCounter('active').add(1);
  meter.createObservableGauge('fill').addCallback((result) => result.observe(amount));
  if (process.env.HUNG === 'on') meter.createObservableGauge('hung').addCallback(() => new Promise(() => {}));
  process.on('SIGUSR2', () => meter.createCounter('things').add(1, { kind: 'a' }));
  const handler = metricsHandler();
  const server = createServer((request, response) => (request.url === '/app-metrics' ? handler(request, response) : response.end('hello')));
  server.listen(0, '127.0.0.1', () => {
    console.log(`address http://127.0.0.1:${server.address().port}/`);
    console.log(`ready ${process.pid}`);
  });
}

function lead() {
  meter.createCounter('things').add(1000, { kind: 'a' });
  meter.createObservableGauge('fill').addCallback((result) => result.observe(-1));
  cluster.on('message', (_worker, message) => console.log(`primary got ${JSON.stringify(message)}`));
  for (const amount of (process.env.AMOUNTS ?? '100,7').split(',')) cluster.fork({ AMOUNT: amount });
  process.on('message', ({ fork, kill, signal, say }) => {
    const workers = Object.values(cluster.workers);
    if (fork !== undefined) cluster.fork({ AMOUNT: String(fork) });
    if (kill !== undefined) workers[kill].process.kill(signal);
    if (say !== undefined) for (const worker of workers) worker.send(say);
  });
  cluster.on('exit', (worker) => console.log(`ended ${worker.process.pid}`));
}

if (cluster.isPrimary) lead();
else work();
