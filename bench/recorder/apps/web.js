// Takes webhooks: a row in PostgreSQL and a job, then the answer, which is the trace id.
const { endWith, ROUTES, say } = require('./reported.js');
const { queueTelemetry } = require('../../scenarios/peer-code.js');
const { trace } = require('@opentelemetry/api');
const { Queue } = require('bullmq');
const express = require('express');
const { Pool } = require('pg');

const url = new URL(process.env.REDIS_URL);
const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const app = express();
app.disable('x-powered-by');

// A queue each, since a trace is limited by the first span in the process that keeps it.
const queues = ROUTES.map((route) => {
  const queue = new Queue(`${process.env.QUEUE}-${route}`, { connection, ...queueTelemetry() });
  app.get(`/${route}/:kind`, async (request, response) => {
    await pool.query('SELECT id, name FROM accounts WHERE id = $1', [7]);
    const { kind } = request.params;
    await queue.add(kind, { fails: kind === 'failing' }, { removeOnComplete: true, removeOnFail: true });
    response.send(trace.getActiveSpan()?.spanContext().traceId ?? '');
  });
  return queue;
});

const server = app.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
endWith(() => {
  server.close();
  server.closeAllConnections();
  void pool.end();
  for (const queue of queues) void queue.close();
});
