// Reserved connections of postgres.js 3.4: one that is forgotten, one that is used, one that is given back.
// Usage: node --require @sietch/otel/register reserved.cjs postgres://…
const postgres = require('postgres');

const sql = postgres(process.argv[2], { max: 3 });

async function forgetful() {
  const own = await sql.reserve();
  const [{ n }] = await own`select 1 as n, 'secret'`;
  console.log(n, typeof own.release, own.release.name, Object.keys(own).includes('release'));
  return own;
}

async function main() {
  const used = await sql.reserve();
  const timer = setInterval(() => used`select 2`.catch(() => {}), 20);
  const back = await sql.reserve();
  await back`select 3`;
  back.release();
  const forgotten = await forgetful();
  console.log('all reserved');
  if (process.send === undefined) return;
  process.once('message', async () => {
    clearInterval(timer);
    used.release();
    forgotten.release();
    await sql.end({ timeout: 1 });
    process.disconnect();
  });
}

void main();
