// Answers in all the ways of writing a head. A path that begins with /keep has a failure in its trace before.
// Usage: node --require ./dist/register.js test/app/recorder/answers.cjs; says its port by message.
const { createServer } = require('node:http');
const { SpanStatusCode, trace } = require('@opentelemetry/api');

const ways = {
  implicit: (response) => response.end('ok'),
  set: (response) => {
    response.setHeader('x-own', 'a');
    response.end('ok');
  },
  object: (response) => response.writeHead(201, { 'x-own': 'a' }).end('ok'),
  reason: (response) => response.writeHead(201, 'Made', { 'x-own': ['a', 'b'] }).end('ok'),
  list: (response) => response.writeHead(201, ['x-own', 'a', 'x-other', 'b']).end('ok'),
  failing: (response) => response.writeHead(503).end('no'),
  flushed: (response) => {
    response.flushHeaders();
    response.end('ok');
  },
  twice: (response) => {
    response.writeHead(200).write('ok');
    try {
      response.writeHead(200);
    } catch (error) {
      response.end(error.code);
    }
  },
};

const server = createServer((request, response) => {
  if (request.url.startsWith('/keep')) {
    trace.getTracer('answers').startActiveSpan('failure', (span) => {
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
  }
  ways[request.url.split('/').pop()](response);
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.once('SIGTERM', () => process.exit());
