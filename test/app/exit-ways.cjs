// An app that ends in the way it is told, having ended spans and written log records just before.
// Usage: node --require ../../dist/register.js test/app/exit-ways.cjs <way>; ways that wait for a signal print "ready" first.
const { once } = require('node:events');
const { writeSync } = require('node:fs');
const { join } = require('node:path');
const { Worker } = require('node:worker_threads');
const { trace, context } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');

const tracer = trace.getTracer('exit-ways');
const work = (name) => {
  tracer.startSpan(name).end();
  logs.getLogger('exit-ways').emit({ body: name });
};
/** Alive for as long as a signal may take. */
const wait = () => {
  setImmediate(() => console.log('ready'));
  return setInterval(() => {}, 1000);
};
const drain = (then) =>
  setTimeout(() => {
    work('drain');
    console.log('drained');
    then();
  }, 200);

/** A thread that has ended its spans and goes on. */
async function startWorker() {
  const worker = new Worker(join(__dirname, 'thread-worker.cjs'), { workerData: { way: 'terminate' } });
  await once(worker, 'message');
  return worker;
}

const preparations = { 'worker terminated': startWorker };

const ways = {
  'worker terminated': async (_signal, worker) => console.log('terminated', await worker.terminate()),
  exit: () => process.exit(3),
  throw: () => {
    throw new TypeError('secret-4111111111111111');
  },
  reject: () => void Promise.reject(new RangeError('secret-4111111111111111')),
  natural: () => {},
  'exit code': () => {
    process.exitCode = 7;
  },
  'beforeExit listener': () => process.on('beforeExit', (code) => console.log('beforeExit', code)),
  'exit listener': () => {
    process.on('exit', () => work('drain'));
    process.exit(4);
  },
  'throw in a span': () =>
    context.with(trace.setSpan(context.active(), tracer.startSpan('request')), () =>
      setTimeout(() => {
        throw new TypeError('secret-4111111111111111');
      }, 10),
    ),
  'throw in a span, listener exits': () => {
    process.on('uncaughtException', () => process.exit(8));
    ways['throw in a span']();
  },
  'throw, caught': () => {
    process.on('uncaughtException', () => console.log('caught'));
    setTimeout(() => {
      throw new Error('x');
    }, 10);
  },
  signal: wait,
  'signal, listener exits': (signal) => {
    wait();
    process.on(signal, () => drain(() => process.exit(0)));
  },
  'signal, listener lets go': (signal) => {
    const alive = wait();
    process.once(signal, () => drain(() => clearInterval(alive)));
  },
  'signal, listener prepended once': (signal) => {
    const alive = wait();
    process.prependOnceListener(signal, () => drain(() => clearInterval(alive)));
  },
  'signal, listener kills': (signal) => {
    wait();
    process.once(signal, () => drain(() => process.kill(process.pid, signal)));
  },
  'signal, listener removed': (signal) => {
    const listener = () => console.log('never');
    process.on(signal, listener);
    process.removeListener(signal, listener);
    wait();
  },
  // As signal-exit does: alone, it ends the process by the signal.
  'signal, listener counts': (signal) => {
    wait();
    process.on(signal, function listener() {
      if (process.listeners(signal).length > 1) return console.log('not alone');
      process.removeListener(signal, listener);
      process.kill(process.pid, signal);
    });
  },
  'signal, emitted by the app': (signal) => {
    const alive = wait();
    setTimeout(() => {
      process.emit(signal);
      clearInterval(alive);
    }, 10);
  },
};

const [way, signal] = process.argv.slice(2);
const end = (prepared) => {
  // Not console.log: what is written must have left before the process ends.
  writeSync(1, 'ending\n');
  ways[way](signal, prepared);
};
setTimeout(() => {
  work('work');
  const prepare = preparations[way];
  if (prepare === undefined) end();
  else void prepare().then(end);
}, 50);
