// An app with pg-boss that knows nothing of telemetry but a span of its own where a request would be. It prints what its handlers see, so that the same
// program says the same without us.
const { once } = require('node:events');
const { trace } = require('@opentelemetry/api');

const CARD = '4111111111111111';
/** The first is that of pg-boss 9. */
const SOON = { newJobCheckInterval: 200, pollingIntervalSeconds: 0.5 };

/** @param {new (config: object) => import('pg-boss')} PgBoss */
exports.run = async (PgBoss) => {
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: 4 });
  const say = (...words) => console.log(JSON.stringify(words));
  boss.on('error', (error) => say('error', error.name, error.message));
  const request = (title, work) =>
    trace.getTracer('app').startActiveSpan(title, async (span) => {
      try {
        return await work();
      } finally {
        span.end();
      }
    });
  /** Works until so many calls have ended. */
  const worked = (queue, options, calls, handler) =>
    new Promise((resolve) => {
      let left = calls;
      void boss.work(queue, { ...SOON, ...options }, async (given, ...rest) => {
        try {
          return await handler(given, ...rest);
        } finally {
          if (--left === 0) setImmediate(resolve);
        }
      });
    });
  // From 11 on.
  const isNamed = process.env.INSERT_BY_NAME === '1';
  const queues = ['life', 'failing', 'batch', 'short', 'object', 'refused'];

  const scenarios = {
    async life() {
      const id = await request('POST /life', () => boss.send('life', { card: CARD }, { retryLimit: 2 }));
      say('sent', typeof id);
      await worked('life', { includeMetadata: true }, 1, (given) => {
        const [job] = [].concat(given);
        trace.getTracer('app').startSpan('of the app').end();
        say('handler', job.id === id, job.name, job.data, Object.keys(job).sort());
        return { card: CARD };
      });
    },
    async failing() {
      await request('POST /failing', () => boss.send('failing', { card: CARD }, { retryLimit: 1, retryDelay: 0 }));
      await worked('failing', { includeMetadata: true }, 2, (given) => {
        const [job] = [].concat(given);
        throw new RangeError(`card ${job.data.card} was refused`);
      });
    },
    async batch() {
      const jobs = [1, 2].map((n) => ({ name: 'batch', data: { n, card: CARD } }));
      await request('POST /batch', () =>
        isNamed
          ? boss.insert(
              'batch',
              jobs.map(({ data }) => ({ data })),
            )
          : boss.insert(jobs),
      );
      say('jobs', jobs);
      await worked('batch', { batchSize: 2 }, 1, (given) =>
        say(
          'batch',
          given.map(({ data }) => data).sort((a, b) => a.n - b.n),
        ),
      );
    },
    async short() {
      const ids = [];
      const data = { card: CARD };
      for (const at of [1, 2]) {
        ids.push(await request(`POST /short ${at}`, () => boss.send('short', data, { singletonKey: 'one', singletonSeconds: 600 })));
      }
      say(
        'short',
        ids.map((id) => typeof id),
        data,
      );
    },
    async object() {
      const job = { name: 'object', data: { card: CARD }, options: { priority: 1 } };
      await request('POST /object', () => boss.send(job));
      await request('POST /object none', () => boss.send('object'));
      say('object', job);
      await worked('object', {}, 2, (given) => say('data', [].concat(given)[0].data));
    },
    async refused() {
      await request('POST /refused', () =>
        Promise.resolve(boss.send('refused', { card: CARD }, 'no options')).catch((error) => say('refused', error.name)),
      );
    },
  };
  const started = await boss.start();
  say('started', started === boss);
  // The app's own calls, in a trace of its own.
  await request('POST /queues', async () => {
    if (boss.createQueue !== undefined) for (const queue of queues) await boss.createQueue(queue);
  });
  for (const scenario of Object.values(scenarios)) await scenario();
  console.log('played');
  await once(process, 'message');
  await boss.stop({ graceful: false });
  process.exit(0);
};
