// Sends a query in each way that postgres.js has, each under a span of its own named after the way, and prints what the app sees of each.
// Loaded by required.cjs and imported.mjs, which are copied with it beside a node_modules.
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { pipeline } = require('node:stream/promises');
const { Readable } = require('node:stream');
const { inspect } = require('node:util');
const { trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('app');
const inside = (name) => tracer.startSpan(name).end();

function show(form, value) {
  console.log(form, inspect(describe(value), { depth: 4, breakLength: 200, sorted: true }));
}

/** What an app can see of a result, without what differs from run to run: names of prepared statements, numbers of tables, pids. */
function describe(value) {
  if (value instanceof Error) return facts(value);
  if (Array.isArray(value) && 'command' in value) {
    const { command, count, columns, statement } = value;
    const names = columns?.map((column) => `${column.name}:${column.type}`);
    return {
      class: value.constructor.name,
      keys: Object.keys(value),
      rows: [...value],
      command,
      count,
      columns: names,
      statement: describeStatement(statement),
    };
  }
  return Array.isArray(value) ? value.map(describe) : value;
}

function describeStatement(statement) {
  return statement && { string: statement.string, types: statement.types, keys: Object.keys(statement) };
}

function facts(error) {
  return {
    name: error.name,
    constructor: error.constructor.name,
    message: error.message.replace(/:\d{4,5}$/, ':port'),
    code: error.code,
    position: error.position,
    query: error.query,
    parameters: error.parameters,
    keys: Object.keys(error).sort(),
    frames: (error.stack.match(/forms\.cjs/g) ?? []).length,
    foreign: /register|dist/.test(error.stack.replace(/node_modules.postgres/g, '')),
  };
}

async function failure(promise) {
  try {
    return await promise;
  } catch (error) {
    return error;
  }
}

function formsOf(postgres, sql, url, folder) {
  const watched = postgres(url, { max: 1, onnotice: () => {} });
  const file = join(folder, 'query.sql');
  writeFileSync(file, 'select 8 as n');
  const forms = {
    tagged: () => sql`select ${1}::int as n, ${'secret'}::text as t`,
    'tagged, no values': () => sql`select 1 as n`,
    fragment: () => {
      const where = sql`where n > ${1}`;
      return sql`select n from generate_series(1, 3) as n ${where}`;
    },
    insert: () =>
      sql`insert into t ${sql(
        [
          { n: 1, note: 'secret' },
          { n: 2, note: 'secret' },
        ],
        'n',
        'note',
      )}`,
    returning: () => sql`insert into t ${sql({ n: 3, note: 'secret' })} returning n`,
    update: () => sql`update t set ${sql({ note: 'secret' }, 'note')} where n in ${sql([1, 2])}`,
    identifiers: () => sql`select ${sql(['n', 'note'])} from ${sql('t')} order by n`,
    array: () => sql`select n from t where n = any(${sql.array([1, 2])}::int[]) order by n`,
    json: () => sql`select ${sql.json({ a: 'secret' })}::jsonb as doc`,
    unsafe: () => sql.unsafe("select 'secret' as t"),
    'unsafe, values': () => sql.unsafe('select $1::int as n', [4]),
    'unsafe, prepared': () => sql.unsafe('select $1::int as n', [5], { prepare: true }),
    multi: () => sql.unsafe("select 1 as a; select 'secret' as b"),
    file: () => sql.file(file),
    'file, missing': () => failure(sql.file(join(folder, 'none.sql'))).then((error) => error.code),
    prepared: async () => {
      const seen = [];
      for (const n of [6, 7]) seen.push(await sql`select ${n}::int as twice`);
      return seen;
    },
    cursor: async () => {
      const seen = [];
      for await (const rows of sql`select n from generate_series(1, 5) as n`.cursor(2)) {
        inside('rows');
        seen.push(
          rows.map(({ n }) => n),
          describeStatement(rows.statement),
        );
      }
      return seen;
    },
    'cursor, callback': async () => {
      const seen = [];
      const result = await sql`select n from generate_series(1, 5) as n`.cursor(2, (rows) => {
        inside('rows called');
        seen.push(rows.length);
      });
      return [seen, result.count];
    },
    'cursor, left': async () => {
      for await (const [{ n }] of sql`select n from generate_series(1, 5) as n`.cursor()) if (n === 2) break;
      return 'left';
    },
    'cursor, closed': async () => {
      const seen = [];
      await sql`select n from generate_series(1, 5) as n`.cursor(2, (rows) => {
        seen.push(rows.length);
        return sql.CLOSE;
      });
      return seen;
    },
    'cursor, error': () => failure(Array.fromAsync?.(sql`select 1/0 as n`.cursor()) ?? eachOf(sql`select 1/0 as n`.cursor())),
    forEach: async () => {
      const seen = [];
      const result = await sql`select n from generate_series(1, 3) as n`.forEach(({ n }) => {
        inside('row');
        seen.push(n);
      });
      return [seen, result.count];
    },
    'copy from': async () => {
      await pipeline(Readable.from(['8\tsecret\n', '9\tsecret\n']), await sql`copy t from stdin`.writable());
      return 'copied';
    },
    'copy to': async () => {
      let text = '';
      for await (const chunk of await sql`copy (select 1) to stdout`.readable()) text += chunk;
      return text;
    },
    'copy from, given up': async () => {
      const stream = await sql`copy t from stdin`.writable();
      stream.on('error', () => {}).destroy(new Error('secret'));
      return sql`select 1 as n`;
    },
    transaction: () => sql.begin((tx) => tx`insert into t (n) values (${10}) returning n`),
    'transaction, array': () => sql.begin((tx) => [tx`select 1 as a`, tx`select 2 as b`]),
    savepoint: () =>
      sql.begin(async (tx) => {
        const failed = await failure(tx.savepoint((inner) => inner`select ${'secret'}::int`));
        return [describe(failed), await tx`select 1 as n`];
      }),
    rollback: () =>
      failure(
        sql.begin(async (tx) => {
          await tx`select 1 as n`;
          throw new RangeError('of the app');
        }),
      ).then(({ name, message }) => [name, message]),
    listen: async () => {
      let unlisten;
      const heard = await new Promise((resolve, reject) => {
        sql
          .listen('spans', (payload) => {
            inside('notified');
            resolve(payload);
          })
          .then((listening) => {
            unlisten = listening.unlisten;
            return sql.notify('spans', 'secret');
          })
          .catch(reject);
      });
      await unlisten();
      return heard;
    },
    describe: async () => describeStatement(await sql`select ${1}::int as n`.describe()),
    raw: async () => (await sql`select 'secret' as t`.raw()).map((row) => row.map(String)),
    lazy: async () => {
      const never = sql`select 'never sent'`;
      const later = sql`select 'sent' as t`;
      await new Promise(setImmediate);
      const before = [never.executed, later.executed, later.state];
      return [before, await later, never.executed];
    },
    promise: async () => {
      const query = sql`select 1 as n`;
      const facts = [query instanceof Promise, query.constructor.name, Object.keys(query.execute()).length > 0, query.execute() === query];
      const [one, two] = await Promise.all([query, query]);
      return [facts, one === two, await query.finally(() => {}), await query.then(({ count }) => count)];
    },
    cancel: async () => {
      const query = watched`select pg_sleep(20)`;
      const end = failure(query.execute());
      while (
        (
          await sql`select 1 from pg_stat_activity where query like '%select pg_sleep(20)%' and pid <> pg_backend_pid() and state = 'active'`
        ).length === 0
      );
      query.cancel();
      return end;
    },
    'cancel, waiting': async () => {
      const before = watched`select pg_sleep(0.05)`.execute();
      const [reserved, query] = [watched.begin((tx) => tx`select 1 as n`), watched`select 'secret' as never`];
      const end = failure(query.execute());
      await new Promise(setImmediate);
      query.cancel();
      await Promise.all([before, reserved]);
      return end;
    },
    error: () => failure(sql`select ${'secret'}::text::int as n`),
    'error, syntax': () => failure(sql`selec 'secret'`),
    'error, name': () => failure(sql`select nothing`),
    'error, end': () => failure(sql.unsafe('select (')),
    // By a connection of its own: 3.1.0 hangs where the query before has failed and the server's ReadyForQuery has not come yet. Then it
    // rejects that query, which is rejected already, and waits for ever for the answer to this one, which was not sent.
    'error, undefined': async () => {
      const other = postgres(url, { max: 1 });
      return failure(other`select ${undefined}`.finally(() => other.end({ timeout: 5 })));
    },
    'error, not tagged': () => failure((async () => sql('t').then())()).then(({ code }) => code),
    'error, twice': async () => {
      const query = sql`select 1/0 as n`;
      const [first, second] = await Promise.all([failure(query), failure(query)]);
      return [first === second, describe(first)];
    },
    refused: async () => {
      const none = postgres({ host: '127.0.0.1', port: 1, database: 'none', max: 1, connect_timeout: 2 });
      return failure(none`select ${'secret'} as t`.finally(() => none.end({ timeout: 0 })));
    },
    ended: async () => {
      const other = postgres(url, { max: 1 });
      await other.end();
      return failure(other`select 1`);
    },
    last: () => watched.end().then(() => 'ended'),
    'at once': async () => {
      const queries = Array.from({ length: 5 }, (_, n) => sql`select ${n}::int as n`);
      return (await Promise.all(queries)).map(([{ n }]) => n);
    },
  };
  const { reserve } = sql;
  if (reserve !== undefined) {
    forms.reserve = async () => {
      const own = await sql.reserve();
      try {
        return [await own`select 1 as n`, await own`select 2 as n`];
      } finally {
        own.release();
      }
    };
  }
  const query = sql`select 1`;
  if (query.values !== undefined) forms.values = async () => [...(await sql`select 1 as a, 'secret' as b`.values())];
  if (query.simple !== undefined) forms.simple = () => sql`select 'secret' as t`.simple();
  return forms;
}

async function eachOf(rows) {
  for await (const _ of rows);
}

/** @param postgres the library's exported function */
exports.run = async (postgres, folder) => {
  const [url, ...only] = process.argv.slice(2);
  process.on('unhandledRejection', (error) => console.log('unhandled rejection', error.code));
  console.log(typeof postgres, postgres.name, postgres.length, Object.keys(postgres).join(' '), typeof postgres.PostgresError);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  console.log(Object.keys(sql).sort().join(' '), Object.keys(sql.listen).join(' '));
  await sql`create table t (n int, note text)`;
  const forms = formsOf(postgres, sql, url, folder);
  for (const [name, form] of Object.entries(forms)) {
    if (only.length > 0 && !only.includes(name)) continue;
    await tracer.startActiveSpan(name, async (span) => {
      try {
        show(name, await form());
      } catch (error) {
        show(name, error);
      }
      span.end();
    });
  }
  // Nobody handles this one: it is reported with the preload as without.
  sql`select 1/0`.execute();
  await new Promise((resolve) => process.once('unhandledRejection', resolve));
  await sql.end();
  console.log('done');
};
