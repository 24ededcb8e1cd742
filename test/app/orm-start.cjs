// Starts TypeORM, which asks the database for its schema and makes the tables, outside of any span. Then its query, in a span.
//
// Usage: MODULES=…/node_modules node orm-start.cjs postgres://…

const { createRequire } = require('node:module');
const { trace } = require('@opentelemetry/api');

const { DataSource, EntitySchema } = createRequire(`${process.env.MODULES}/app.js`)('typeorm');

const entities = ['customer', 'order', 'invoice', 'payment'].map(
  (name) =>
    new EntitySchema({ name, columns: { id: { type: 'int', primary: true, generated: true }, note: { type: 'text', unique: true } } }),
);

async function main() {
  const source = new DataSource({ type: 'postgres', url: process.argv[2], entities, synchronize: true });
  await source.initialize();
  await trace.getTracer('test').startActiveSpan('work', async (span) => {
    await source.getRepository('order').find();
    span.end();
  });
  await source.destroy();
}

void main();
