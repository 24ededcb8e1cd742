// Statements with values as literals, parameters and comments; failing, slow and blocked ones; connections that fail. See main.cjs.
const pg = require('pg');
const Cursor = require('pg-cursor');
const { from: copyFrom } = require('pg-copy-streams');
const QueryStream = require('pg-query-stream');
const { CARD, caught, event, marked, word } = require('./values.cjs');

const connectionString = process.env.DATABASE_URL;

exports.useSql = async () => {
  const pool = new pg.Pool({ connectionString, max: 3 });
  await pool.query('CREATE TABLE cards (email text UNIQUE, card text, at int)');
  await pool.query(`INSERT INTO cards VALUES ('${marked('sql-literal')}', '${CARD}', 1)`);
  await pool.query('INSERT INTO cards VALUES ($1, $2, 2)', [marked('sql-parameter'), CARD]);
  await pool.query({ name: 'find', text: 'SELECT * FROM cards WHERE email = $1', values: [marked('sql-named')] });
  await pool.query(`SELECT ${CARD}, $$${marked('sql-dollar')}$$, E'\\'${word('sql-escape')}', U&'${word('sql-unicode')}' FROM cards`);
  await pool.query(`SELECT 1 -- ${marked('sql-line-comment')}\n + 1 /* ${marked('sql-comment')} /* ${word('sql-nested')} */ */`);
  await pool.query(`SET application_name = '${word('sql-set')}'`);
  await useFailing((text, values) => caught(() => pool.query(text, values)));
  await useFailingConnections();
  await useStreams(pool);
  // Slow, with a plan that holds the literals, and one that waits for a lock that another's literal holds.
  await pool.query(`SELECT count(*) FROM cards WHERE email = '${marked('sql-plan')}' AND pg_sleep(0.05) IS NOT NULL OR card = '${CARD}'`);
  await useBlocked(pool);
  await pool.end();
};

/** The server's messages and details hold the values. */
async function useFailing(ask) {
  await ask(`ALTER ROLE nobody_here PASSWORD '${word('sql-password')}'`);
  await ask(`SELECT '${marked('sql-cast')}'::int`);
  await ask(`SELECT '${CARD}'::int`);
  await ask('SELECT $1::int', [marked('sql-cast-parameter')]);
  await ask('INSERT INTO cards VALUES ($1)', [marked('sql-parameter')]);
  await ask(`SELECT '${word('sql-unterminated')} FROM cards`);
  await ask(`SELEC '${word('sql-syntax')}'`);
  await ask(`DO $$ BEGIN RAISE NOTICE '${word('sql-notice')}'; RAISE EXCEPTION '${marked('sql-raise')}'; END $$`);
}

async function useFailingConnections() {
  const { host } = new URL(connectionString);
  const urls = [
    `postgres://user:${word('connect-refused')}@127.0.0.1:1/shop`,
    `postgres://user:${word('connect-lookup')}@nosuch.invalid/shop`,
    `postgres://nobody_here:${word('connect-role')}@${host}/postgres`,
    `postgres://user:${word('connect-option')}@${host}/postgres?options=-c%20${word('connect-setting')}%3D1`,
  ];
  for (const url of urls) {
    await caught(() => new pg.Client({ connectionString: url }).connect());
    const pool = new pg.Pool({ connectionString: url });
    await caught(() => pool.query('SELECT 1'));
    await caught(() => pool.end());
  }
}

async function useStreams(pool) {
  const client = await pool.connect();
  const cursor = client.query(new Cursor('SELECT $1::text', [marked('sql-cursor')]));
  await cursor.read(10);
  await cursor.close();
  const stream = client.query(new QueryStream('SELECT $1::int', [marked('sql-stream')]));
  await Promise.race([event(stream.resume(), 'error'), event(stream, 'end')]);
  const copy = client.query(copyFrom('COPY cards FROM STDIN'));
  copy.end(`${marked('sql-copy')}\t${CARD}\t${word('sql-copy-int')}\n`);
  await event(copy, 'error');
  client.release();
}

async function useBlocked(pool) {
  const other = await pool.connect();
  await other.query('BEGIN');
  await other.query(`UPDATE cards SET card = '${marked('sql-blocker')}' WHERE at = 1`);
  const waiting = pool.query(`UPDATE cards SET card = '${marked('sql-blocked')}' WHERE at = 1`);
  await new Promise((resolve) => setTimeout(resolve, 700));
  await other.query('COMMIT');
  other.release();
  await waiting;
}
