// Pools that cannot make a client, asked in every way; then one that waits for a server which never answers.
const net = require('node:net');
const { Pool } = require('pg');

const bad = new Pool({ connectionString: 'postgres://user:secret@localhost:999999/shop' });
const ways = {
  'connect()': () => bad.connect(),
  'connect(callback)': () => bad.connect(() => {}),
  'query(text)': () => bad.query('SELECT 1'),
  'query(text, callback)': () => bad.query('SELECT 1', () => {}),
};
for (const [way, ask] of Object.entries(ways)) {
  try {
    const answer = ask();
    answer?.catch?.(() => {});
    console.log(`${way} returned ${typeof answer}`);
  } catch (error) {
    console.log(`${way} threw ${error.code}`);
  }
}

const silent = net.createServer().listen(0, '127.0.0.1', () => {
  const waiting = new Pool({ host: '127.0.0.1', port: silent.address().port, database: 'silent' });
  waiting.on('error', () => {});
  waiting.connect().catch(() => {});
  console.log('waits');
});
process.once('disconnect', () => process.exit(0));
