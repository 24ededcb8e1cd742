// One of several processes that a trace goes through as its plan says: each hop is a span, the calls it makes of others, and maybe a failure.
// A plan: { id, to, by: 'http' | 'fetch' | 'queue', fails?: 'early' | 'late', waits?, dies?, next: [plan] }. `to` is the name of a process or of a
// queue. `early` fails before the calls; `late` after the answer has been sent (over HTTP), or after the calls (in a job). `waits`: until the
// message { go: true }, before it fails late. `dies`: ends the process by SIGKILL as soon as it has failed, in the first attempt at a job.
// Usage: NAME=b QUEUES=b,c REDIS_URL=redis://… node --require ./dist/register.js test/app/recorder/hops.cjs, then the message
// { urls: { a: 'http://…', … } }.
const { createServer, request } = require('node:http');
const { SpanStatusCode, trace } = require('@opentelemetry/api');
const { Queue, Worker } = require('bullmq');
const { Redis } = require('ioredis');

const { NAME: name, QUEUES: taken = name, REDIS_URL: url } = process.env;
const tracer = trace.getTracer('hops');
const queues = new Map();
let urls = {};

function queueOf(to) {
  const known = queues.get(to);
  if (known !== undefined) return known;
  const queue = new Queue(to, { connection: { url, maxRetriesPerRequest: null } });
  queue.on('error', () => {});
  queues.set(to, queue);
  return queue;
}

function fail(id) {
  tracer.startActiveSpan(`failure ${id}`, (span) => {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
}

function post(to, plan) {
  return new Promise((resolve, reject) => {
    const outgoing = request(urls[to], { method: 'POST' }, (response) => response.resume().on('end', resolve));
    outgoing.on('error', reject).end(JSON.stringify(plan));
  });
}

async function call(plan) {
  if (plan.by === 'queue') await queueOf(plan.to).add('hop', plan, { removeOnComplete: true, removeOnFail: true });
  else if (plan.by === 'http') await post(plan.to, plan);
  else await (await fetch(urls[plan.to], { method: 'POST', body: JSON.stringify(plan) })).text();
}

/** @param answer sends the answer of an HTTP hop */
function hop(plan, answer, isFirst = true) {
  return tracer.startActiveSpan(`hop ${plan.id}`, async (span) => {
    try {
      if (plan.fails === 'early') fail(plan.id);
      for (const next of plan.next) await call(next);
      answer?.();
      if (plan.waits) {
        process.send({ waits: plan.id });
        await go;
      }
      if (plan.fails === 'late') fail(plan.id);
      if (plan.dies && isFirst) process.kill(process.pid, 'SIGKILL');
    } finally {
      span.end();
    }
  });
}

let letGo;
const go = new Promise((resolve) => {
  letGo = resolve;
});
const redis = new Redis(url, { maxRetriesPerRequest: null });
redis.on('error', () => {});
const settings = { connection: redis, concurrency: 10, lockDuration: 2000, stalledInterval: 1000 };
for (const queue of taken.split(',')) {
  const worker = new Worker(queue, (job) => hop(job.data, undefined, job.attemptsStarted === 1), settings);
  worker.on('error', () => {});
}

const server = createServer((incoming, response) => {
  let body = '';
  incoming.setEncoding('utf8').on('data', (text) => {
    body += text;
  });
  incoming.on('end', () => {
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    hop(JSON.parse(body), () => response.end(traceId)).catch(() => response.destroy());
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', (message) => {
  if (message.go) letGo();
  if (message.urls === undefined) return;
  urls = message.urls;
  process.send({ ready: true });
});
process.once('SIGTERM', () => process.exit());
