// Jobs whose data, results, logs and errors hold values; webhooks that become dead letters, spill into PostgreSQL or are done directly. See main.cjs.
const { FlowProducer, Queue, QueueEvents, UnrecoverableError, Worker } = require('bullmq');
const { WebhookQueue } = require('@sietch/otel/queue');
const { caught, marked, word } = require('./values.cjs');

const connection = { url: process.env.REDIS_URL, maxRetriesPerRequest: null };

exports.useBullMq = async () => {
  const queue = new Queue('orders', { connection });
  const flows = new FlowProducer({ connection });
  const events = new QueueEvents('orders', { connection });
  const worker = new Worker('orders', processOrder, { connection });
  worker.on('error', () => {});
  await events.waitUntilReady();
  const ended = new Promise((resolve) => {
    let count = 0;
    const next = () => ++count === 7 && resolve();
    worker.on('completed', next).on('failed', (job) => job.attemptsMade === job.opts.attempts && next());
  });
  const data = { card: marked('job-data') };
  await queue.add('result', data, { attempts: 1 });
  await queue.add('error', data, { attempts: 2, backoff: 1 });
  await queue.add('unrecoverable', data, { attempts: 1 });
  await queue.add('string', data, { attempts: 1 });
  await queue.addBulk([{ name: 'result', data: { card: marked('bulk-data') }, opts: { attempts: 1 } }]);
  await flows.add({
    name: 'result',
    queueName: 'orders',
    data: { card: marked('flow-data') },
    opts: { attempts: 1 },
    children: [{ name: 'result', queueName: 'orders', data: { card: marked('child-data') }, opts: { attempts: 1 } }],
  });
  await ended;
  await Promise.all([worker.close(), queue.close(), flows.close(), events.close()]);
};

async function processOrder(job) {
  await job.log(marked('job-log'));
  await job.updateProgress({ card: marked('job-progress') });
  if (job.name === 'error') throw Object.assign(new Error(marked('job-error')), { detail: marked('job-error-detail') });
  if (job.name === 'unrecoverable') throw new UnrecoverableError(marked('job-unrecoverable'));
  if (job.name === 'string') throw marked('job-thrown-string');
  return { card: marked('job-result') };
}

exports.useWebhooks = async () => {
  let dead;
  const died = new Promise((resolve) => {
    dead = resolve;
  });
  const webhooks = new WebhookQueue({
    name: 'webhooks',
    connection,
    retries: 1,
    backoff: { delayMs: 1 },
    processor: async ({ payload }) => {
      if (payload.fails) throw new Error(`${marked('webhook-error')} ${payload.card}`);
      return payload;
    },
    onEvent: ({ type }) => {
      if (type === 'dead') dead();
      throw new Error(marked('webhook-listener'));
    },
  });
  webhooks.startWorker();
  await webhooks.enqueue({ id: 'evt_1', type: 'payment.completed', payload: { card: marked('webhook-payload') } });
  await webhooks.enqueue({ id: 'evt_2', type: 'payment.failed', payload: { card: marked('webhook-payload'), fails: true } });
  await died;
  const [letter] = await webhooks.deadLetters.list({ filter: { reason: word('webhook-error') } });
  if (letter === undefined) throw new Error('no dead letter');
  await webhooks.deadLetters.replay(letter.id);
  await caught(() =>
    webhooks.enqueue({
      id: 'evt_3',
      type: 'odd',
      payload: {
        toJSON: () => {
          throw new Error(marked('webhook-json'));
        },
      },
    }),
  );
  await webhooks.close();
};

/** Where Redis is away: to PostgreSQL, and where that is away too, at once. */
exports.useWebhooksWithoutRedis = async () => {
  const away = { host: '127.0.0.1', port: 1, password: word('queue-password') };
  const processor = ({ payload }) => {
    throw new Error(`${marked('direct-error')} ${payload.card}`);
  };
  const payload = { card: marked('spilled-payload') };
  const spilling = new WebhookQueue({ name: 'spilling', connection: away, spill: { connection: process.env.DATABASE_URL }, claims: false });
  await spilling.enqueue({ id: 'evt_4', type: 'payment.completed', payload });
  await spilling.close({ timeoutMs: 500 });
  const direct = new WebhookQueue({
    name: 'direct',
    connection: away,
    spill: { connection: `postgres://user:${word('spill-password')}@127.0.0.1:1/shop` },
    claims: false,
    processor,
    directProcessorFallback: true,
  });
  await caught(() => direct.enqueue({ id: 'evt_5', type: 'payment.completed', payload }));
  await direct.close({ timeoutMs: 500 });
};
