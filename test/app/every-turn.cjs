// Usage: node --require @sietch/otel/register test/app/every-turn.cjs <spans|logs> <port> <turns> <items a turn>
// Makes spans or log records in every turn of its event loop, as a server with many requests under way does. It is its own collector, which answers at
// once: so how late an answer is read is a number of turns, on a busy machine too. Its last message is what it has received.
const { createServer } = require('node:http');
const { trace } = require('@opentelemetry/api');
const { logs } = require('@opentelemetry/api-logs');

const [what, port, turns, each] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const tracer = trace.getTracer('every-turn');
const logger = logs.getLogger('every-turn');
const make = what === 'spans' ? () => tracer.startSpan('work').end() : () => logger.emit({ body: 'work' });

const bodies = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    bodies.push(Buffer.concat(chunks).toString('base64'));
    response.setHeader('content-type', 'application/x-protobuf').end();
  });
});

async function run() {
  for (let turn = 0; turn < turns; turn++) {
    for (let item = 0; item < each; item++) make();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const provider = what === 'spans' ? trace.getTracerProvider().getDelegate() : logs.getLoggerProvider();
  await provider.forceFlush();
  process.send(bodies, () => process.exit());
}

server.listen(port, '127.0.0.1', run);
