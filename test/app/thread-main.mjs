// A main thread and its workers, each of which ends spans.
// Usage: node --require ../../dist/register.js test/app/thread-main.mjs <ways of ending, one a worker: see thread-worker.cjs>
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { trace } from '@opentelemetry/api';

trace.getTracer('thread').startSpan('main').end();
for (const way of process.argv.slice(2)) {
  const worker = new Worker(new URL('thread-worker.cjs', import.meta.url), { workerData: { way } });
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.on('error', ({ name }) => console.log(`${way} failed: ${name}`));
  if (['terminate', 'busy', 'main exits'].includes(way)) {
    await once(worker, 'message');
    if (way === 'main exits') process.exit(5);
    await worker.terminate();
  }
  console.log(`${way} ended: ${await ended}`);
}
