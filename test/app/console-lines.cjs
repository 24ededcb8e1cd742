// Usage: node --require @sietch/otel/register test/app/console-lines.cjs <folder of @nestjs/common> <folder of winston>
// Prints lines by console, by NestJS' own logger and by a logger that prints by console, outside of a span and in one.
const { createRequire } = require('node:module');
const { Worker, isMainThread, workerData } = require('node:worker_threads');
const { trace } = require('@opentelemetry/api');

const [nest, winston] = isMainThread ? process.argv.slice(2) : workerData;
const logger = createRequire(`${winston}/`)('winston');
const lines = logger.createLogger({ transports: [new logger.transports.Console({ forceConsole: true })] });

function main() {
  const { ConsoleLogger } = createRequire(`${nest}/`)('@nestjs/common');
  const own = new ConsoleLogger('Payments', { colors: false, timestamp: false });
  const json = new ConsoleLogger('Payments', { json: true, colors: false });
  const { log, error } = console;
  console.log('outside %s', 'log');
  trace.getTracer('app').startActiveSpan('work', (span) => {
    console.log('inside %s %d', 'log', 7, { order: 7 });
    log('inside taken');
    console.info('inside info');
    console.warn('inside warn');
    console.debug('inside debug');
    error('inside error', Object.assign(new RangeError('too far'), { stack: 'RangeError: too far' }));
    console.table([{ inside: 'table' }]);
    own.log('inside nest');
    own.error(new TypeError('inside nest failed').message, 'TypeError: inside nest failed\n    at pay (pay.js:1:1)');
    json.warn('inside nest json');
    lines.info('inside winston');
    span.end();
  });
  console.log(log.name, log.length, Object.keys(console).includes('log'), console.log === log);
  new Worker(__filename, { workerData: [nest, winston] });
}

if (isMainThread) main();
else {
  trace.getTracer('app').startActiveSpan('thread', (span) => {
    lines.info('inside thread');
    span.end();
  });
}
