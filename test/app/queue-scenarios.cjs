// What the queue tests let an app do with BullMQ: it knows nothing of telemetry but a span of its own where a request would be.
// Used by queue-jobs.cjs and queue-jobs.mjs.
const { once } = require('node:events');
const { setTimeout: sleep } = require('node:timers/promises');

/**
 * Plays the scenarios of a comma-separated list, one after another.
 * @param {{ bull: typeof import('bullmq'), Redis: typeof import('ioredis').Redis, pg: typeof import('pg'), api: typeof import('@opentelemetry/api') }} libraries
 */
exports.run = async (libraries, list) => {
  const ended = once(process, 'SIGTERM');
  const closers = [];
  for (const scenario of list.split(',')) closers.push(await play(libraries, scenario));
  console.log('done');
  await ended;
  for (const close of closers) await close();
};

/** Plays one scenario on a queue of its name; resolves with what closes its parts. */
async function play({ bull, Redis, pg, api }, scenario) {
  const { host, port, db } = new Redis(process.env.REDIS_URL, { lazyConnect: true }).options;
  const connection = { host, port, db };
  const name = scenario;
  const tracer = api.trace.getTracer('app');
  const request = (title, work) =>
    tracer.startActiveSpan(title, async (span) => {
      try {
        return await work();
      } finally {
        span.end();
      }
    });
  const queue = new bull.Queue(name, { connection });
  const redis = new Redis(process.env.REDIS_URL);
  const closing = [queue];
  const work = (processor, options = {}) => {
    const worker = new bull.Worker(name, processor, { connection, ...options });
    worker.on('error', () => {});
    closing.push(worker);
    return worker;
  };
  /** Resolves when the worker has said `event` so many times. */
  const heard = async (worker, event, times = 1) => {
    for (let count = 0; count < times; count++) await once(worker, event);
  };

  const scenarios = {
    async life() {
      const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
      await client.connect();
      const worker = work(async (job) => {
        await client.query('SELECT 1');
        await redis.get('of the app');
        await job.updateProgress(50);
        return { card: '4111111111111111' };
      });
      await request('POST /life', () => queue.add('paid', { card: '4111111111111111' }));
      await heard(worker, 'completed');
      await client.end();
    },

    async failing() {
      const worker = work(() => {
        throw new RangeError('card 4111111111111111 was refused');
      });
      await request('POST /failing', () => queue.add('paid', { card: '4111111111111111' }, { attempts: 2, backoff: 10 }));
      await heard(worker, 'failed', 2);
    },

    async kinds() {
      const flows = new bull.FlowProducer({ connection });
      closing.push(flows);
      await request('POST /bulk', () =>
        queue.addBulk([
          { name: 'bulk', data: {} },
          { name: 'bulk', data: {} },
        ]),
      );
      await request('POST /flow', () =>
        flows.add({ name: 'parent', queueName: name, children: [{ name: 'child', queueName: name, data: {} }] }),
      );
      await request('POST /schedule', () => queue.upsertJobScheduler('every', { every: 100, limit: 2 }, { name: 'tick' }));
      const worker = work(async () => {});
      await heard(worker, 'completed', 6);
    },

    async replay() {
      let isMended = false;
      const worker = work(() => {
        if (!isMended) throw new Error('not yet');
      });
      const job = await request('POST /replay', () => queue.add('paid', {}));
      await heard(worker, 'failed');
      isMended = true;
      const replayed = heard(worker, 'completed');
      await request('POST /admin/retry', () => job.retry('failed'));
      await replayed;
    },

    // The worker is made inside a request; its loop lives on and polls.
    async lazy() {
      const worker = await request('GET /first', () => work(async () => {}, { drainDelay: 1, stalledInterval: 100 }));
      await worker.waitUntilReady();
      await sleep(1500);
    },

    async ownTelemetry() {
      const spans = [];
      const telemetry = {
        tracer: {
          startSpan(title) {
            const span = { setAttribute() {}, setAttributes() {}, addEvent() {}, recordException() {}, end: () => spans.push(title) };
            return Object.assign(span, { setSpanOnContext: (context) => context });
          },
        },
        contextManager: {
          active: () => api.context.active(),
          with: (context, run) => api.context.with(context, run),
          getMetadata: () => 'of the app',
          fromMetadata: (context) => context,
        },
      };
      const own = new bull.Queue(name, { connection, telemetry });
      const worker = work(async (job) => console.log(`metadata ${job.opts.telemetry.metadata}`), { telemetry });
      closing.push(own);
      await own.add('paid', {});
      await heard(worker, 'completed');
      await worker.close();
      console.log(spans.filter((title) => /^(add|process)/.test(title)).join(', '));
    },
  };

  await scenarios[scenario]();
  return async () => {
    await Promise.all(closing.map((part) => part.close()));
    redis.disconnect();
  };
}
