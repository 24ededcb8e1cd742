// Usage: node --require @sietch/otel/register test/app/middleware.cjs
// Express with traceMiddleware() of this checkout's dist/. Says its port by message; ends by SIGTERM.
const express = require('express');
const { getTraceLogFields, traceMiddleware } = require('../../dist/index.js');

const app = express();
app.use(traceMiddleware());
app.get('/seen', (_request, response) => response.json(getTraceLogFields()));
app.get('/fail', (_request, response) => response.status(503).end());

const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  server.close();
});
