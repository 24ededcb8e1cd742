// Listeners of Query objects, made by two callers whose queries wait for each other on one client. Prints, a line each, where a listener ran that was
// not in the context of its caller, and the queries' own properties after their end.
// Usage: node --require @sietch/otel/register test/app/pg-listeners.js postgres://…
const { context, createContextKey } = require('@opentelemetry/api');
const pg = require('pg');

const CALLER = createContextKey('caller');
const calls = [];

function listen(query, caller) {
  return new Promise((resolve) => {
    for (const event of ['row', 'end', 'error']) {
      query.on(event, () => {
        calls.push(`${caller} ${event} in ${context.active().getValue(CALLER)}`);
        if (event !== 'row') setImmediate(resolve);
      });
    }
  });
}

const callers = {
  before: (client, caller) => {
    const query = new pg.Query('SELECT n FROM generate_series(1, 2) AS n');
    const done = listen(query, caller);
    client.query(query);
    return done.then(() => query);
  },
  after: (client, caller) => {
    const query = client.query(new pg.Query('SELECT n FROM generate_series(1, $1::int) AS n', [2]));
    return listen(query, caller).then(() => query);
  },
  failing: (client, caller) => {
    const query = client.query(new pg.Query('SELECT 1 / (2 - n) FROM generate_series(1, 2) AS n'));
    return listen(query, caller).then(() => query);
  },
  'with callback': (client, caller) => {
    const query = new pg.Query('SELECT n FROM generate_series(1, 2) AS n');
    void listen(query, caller);
    return new Promise((resolve) => {
      client.query(query, () => {
        calls.push(`${caller} callback in ${context.active().getValue(CALLER)}`);
        setImmediate(resolve, query);
      });
    });
  },
};

async function main() {
  const client = new pg.Client({ connectionString: process.argv[2] });
  await client.connect();
  const started = Object.entries(callers).map(([caller, run]) =>
    context.with(context.active().setValue(CALLER, caller), () => run(client, caller)),
  );
  for (const query of await Promise.all(started)) calls.push(Object.getOwnPropertyNames(query).join());
  await client.end();
  for (const call of calls) console.log(call);
}

void main();
