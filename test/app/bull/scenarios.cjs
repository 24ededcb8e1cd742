// An app with Bull that knows nothing of telemetry but a span of its own where a request would be. It prints what its processors and listeners see, so that the
// same program says the same without us.
const { once } = require('node:events');
const { join } = require('node:path');
const { trace } = require('@opentelemetry/api');

const CARD = '4111111111111111';

/** @param {typeof import('bull')} Queue */
exports.run = async (Queue) => {
  const { hostname: host, port, pathname } = new URL(process.env.REDIS_URL);
  const redis = { host, port: Number(port), db: Number(pathname.slice(1)) };
  const queues = [];
  const open = (name, options = {}) => {
    const queue = new Queue(name, { redis, ...options });
    queues.push(queue);
    return queue;
  };
  const say = (...words) => console.log(JSON.stringify(words));
  const request = (title, work) =>
    trace.getTracer('app').startActiveSpan(title, async (span) => {
      try {
        return await work();
      } finally {
        span.end();
      }
    });
  const seen = ({ id, name, data, opts, attemptsMade }) => ({ id, name, data, opts: Object.keys(opts).sort(), attemptsMade });
  const heard = async (queue, event, times = 1) => {
    for (let count = 0; count < times; count++) await once(queue, event);
  };

  const scenarios = {
    async life() {
      const queue = open('life');
      queue.process('paid', 2, async (job) => {
        say('processor', seen(job), Object.keys(job.toJSON()).sort());
        trace.getTracer('app').startSpan('of the app').end();
        await job.progress(50);
        return { card: CARD };
      });
      queue.on('completed', (job, result) => say('completed', job.id, result));
      const completed = heard(queue, 'completed');
      const options = { attempts: 3, removeOnComplete: false };
      const job = await request('POST /life', () => queue.add('paid', { card: CARD }, options));
      say('added', seen(job), options);
      await completed;
      say('finished', await job.finished(), await job.getState(), await queue.getJobCounts());
      const read = await queue.getJob(job.id);
      say('read', seen(read), read.returnvalue);
    },
    async failing() {
      const queue = open('failing');
      queue.process((job, done) => done(new RangeError(`card ${job.data.card} was refused`)));
      queue.on('failed', (job, error) => say('failed', job.attemptsMade, error.message, Boolean(job.finishedOn)));
      const failed = heard(queue, 'failed', 2);
      await request('POST /failing', () => queue.add({ card: CARD }, { attempts: 2, backoff: 10 }));
      await failed;
    },
    async bulk() {
      const queue = open('bulk');
      const completed = heard(queue, 'completed', 2);
      queue.process('*', async (job) => job.data.n);
      const jobs = await request('POST /bulk', () =>
        queue.addBulk([
          { name: 'one', data: { n: 1 } },
          { name: 'two', data: { n: 2 }, opts: { delay: 20 } },
        ]),
      );
      say('bulk', jobs.map(seen));
      await completed;
    },
    async repeated() {
      const queue = open('repeated');
      const completed = heard(queue, 'completed', 2);
      queue.process('tick', async (job) => say('tick', Object.keys(job.opts).sort(), Object.keys(job.opts.repeat).sort()));
      await request('POST /repeated', () => queue.add('tick', {}, { repeat: { every: 200, limit: 2 } }));
      await completed;
    },
    async late() {
      const queue = open('late');
      const failed = heard(queue, 'failed');
      const release = new AbortController();
      queue.process('slow', () => new Promise((resolve) => release.signal.addEventListener('abort', () => resolve())));
      queue.on('failed', (_job, error) => say('late', error.message));
      await request('POST /late', () => queue.add('slow', {}, { timeout: 30 }));
      await failed;
      release.abort();
    },
    async lost() {
      const queue = open('lost');
      queue.process('other', async () => {});
      const failed = heard(queue, 'failed');
      queue.on('failed', (job, error) => say('lost', job.name, error.message));
      await request('POST /lost', () => queue.add('unknown', {}));
      await failed;
    },
    async replay() {
      const queue = open('replay');
      let isBroken = true;
      queue.process(async () => {
        if (isBroken) throw new Error('broken');
        return 'mended';
      });
      const failed = heard(queue, 'failed');
      const job = await request('POST /replay', () => queue.add({}));
      await failed;
      isBroken = false;
      const completed = heard(queue, 'completed');
      await (await queue.getJob(job.id)).retry();
      await completed;
    },
    async sandbox() {
      const queue = open('sandbox');
      queue.process('work', join(__dirname, 'processor.js'));
      const completed = once(queue, 'completed');
      queue.on('progress', (_job, progress) => say('progress', progress));
      await request('POST /sandbox', () => queue.add('work', { card: CARD }));
      const [, result] = await completed;
      say('sandbox', result);
    },
    async refused() {
      const queue = open('refused');
      await request('POST /refused', () => queue.add('paid', { card: CARD, again: 1n }).catch((error) => say('refused', error.name)));
    },
  };
  for (const scenario of Object.values(scenarios)) await scenario();
  console.log('played');
  await once(process, 'message');
  await Promise.all(queues.map((queue) => queue.close()));
  process.disconnect();
};
