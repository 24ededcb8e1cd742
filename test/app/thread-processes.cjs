// Processes that a process starts: node:cluster workers and a fork, each of which ends a span.
// Usage: node --require ../../dist/register.js test/app/thread-processes.cjs
const cluster = require('node:cluster');
const { fork } = require('node:child_process');
const { once } = require('node:events');
const { trace } = require('@opentelemetry/api');

const role = process.argv[2] ?? (cluster.isPrimary ? 'primary' : `worker ${cluster.worker.id}`);
trace.getTracer('processes').startSpan(role).end();

async function main() {
  if (role === 'primary') {
    const forked = fork(__filename, ['fork']);
    const [leaves, exits] = [cluster.fork(), cluster.fork()];
    const ended = [forked, leaves, exits].map((child) => once(child, 'exit'));
    await once(leaves, 'online');
    leaves.on('message', () => leaves.disconnect());
    await Promise.all(ended);
    console.log('all ended');
    cluster.disconnect();
  } else if (role === 'worker 1') {
    process.send('ready');
  } else if (role === 'worker 2') {
    process.exit(0);
  }
}

void main();
