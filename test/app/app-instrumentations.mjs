// The same by `import`.
import { trace } from '@opentelemetry/api';
import { createPool } from 'generic-pool';
import { buildSchema, graphql } from 'graphql';
import kafkajs from 'kafkajs';
import { createConnection } from 'mysql2';

await trace.getTracer('test').startActiveSpan('work', async (span) => {
  const pool = createPool({ create: async () => ({ id: 7 }), destroy: async () => {} });
  console.log(`generic-pool: ${(await pool.acquire()).id}`);
  const { data } = await graphql({ schema: buildSchema('type Query { answer: Int }'), source: '{ answer }', rootValue: { answer: 42 } });
  console.log(`graphql: ${data.answer}`);
  const connection = createConnection({ host: '127.0.0.1', port: 1 });
  connection.on('error', () => {});
  console.log(`mysql2: ${await new Promise((resolve) => connection.query('SELECT 1', (error) => resolve(error.code)))}`);
  const producer = new kafkajs.Kafka({ brokers: ['127.0.0.1:1'], retry: { retries: 0 }, logLevel: 0 }).producer();
  const sent = producer.send({ topic: 'orders', messages: [{ value: 'secret' }] });
  console.log(`kafkajs: ${await sent.catch((error) => error.name)}`);
  span.end();
});
process.exit();
