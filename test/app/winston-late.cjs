// Usage: node --require @sietch/otel/register test/app/winston-late.cjs <folder of winston>
// A transport that is behind gets its lines when their trace has ended. Then the app fails, and winston ends the process.
const { createRequire } = require('node:module');
const { trace } = require('@opentelemetry/api');

const winston = createRequire(`${process.argv[2]}/`)('winston');
let written = 0;
/** winston's own `finish` comes before the last lines. */
const all = new Promise((resolve) => {
  process.on('written', () => {
    if (++written === 80) resolve();
  });
});
class Slow extends winston.Transport {
  log(info, callback) {
    setTimeout(() => {
      console.log(info[Symbol.for('message')]);
      process.emit('written');
      callback();
    }, 1);
  }
}
const slow = winston.createLogger({ transports: [new Slow()] });
const failing = winston.createLogger({
  transports: [new winston.transports.Console({ handleExceptions: true, format: winston.format.simple() })],
});

async function main() {
  const tracer = trace.getTracer('app');
  for (const name of ['first', 'second']) {
    tracer.startActiveSpan(name, (span) => {
      for (let n = 0; n < 40; n++) slow.info(name, { n });
      span.end();
    });
  }
  await all;
  failing.info('now');
  throw new TypeError('the last');
}

void main().catch((error) =>
  setImmediate(() => {
    throw error;
  }),
);
