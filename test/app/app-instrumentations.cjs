// Uses libraries that need no server, or whose server is not there, in one span; prints what came of it. Each is loaded when it is used.

const { trace } = require('@opentelemetry/api');

const uses = {
  async 'generic-pool'() {
    const { createPool } = require('generic-pool');
    const pool = createPool({ create: async () => ({ id: 7 }), destroy: async () => {} });
    const { id } = await pool.acquire();
    return id;
  },
  async graphql() {
    const { buildSchema, graphql } = require('graphql');
    const { data } = await graphql({ schema: buildSchema('type Query { answer: Int }'), source: '{ answer }', rootValue: { answer: 42 } });
    return data.answer;
  },
  async mysql2() {
    const { createConnection } = require('mysql2');
    const connection = createConnection({ host: '127.0.0.1', port: 1 });
    connection.on('error', () => {});
    return new Promise((resolve) => connection.query('SELECT 1', (error) => resolve(error.code)));
  },
  /** Until it is ended. */
  stay: () => new Promise(() => setInterval(() => {}, 1000)),
  async kafkajs() {
    const { Kafka } = require('kafkajs');
    const producer = new Kafka({ brokers: ['127.0.0.1:1'], retry: { retries: 0 }, logLevel: 0 }).producer();
    return producer.send({ topic: 'orders', messages: [{ value: 'secret' }] }).catch((error) => error.name);
  },
};

const isLoaded = (name) => Object.keys(require.cache).some((file) => file.includes(`instrumentation-${name}`));

async function main() {
  const names = process.argv.slice(2);
  await trace.getTracer('test').startActiveSpan('work', async (span) => {
    for (const name of names) {
      const early = isLoaded(name) ? ', instrumented early' : '';
      console.log(`${name}: ${await uses[name]()}${early}`);
    }
    span.end();
  });
  process.exit();
}

void main();
