// As many routes, SQL statements and Redis keys as DISTINCT says, one of each in a request.
const { fail, serve } = require('./measured.js');
const { fastify } = require('fastify');
const { Redis } = require('ioredis');
const { Client } = require('pg');

const client = new Client({ connectionString: process.env.DATABASE_URL });
const redis = new Redis(process.env.REDIS_URL);
const app = fastify();

/** A number in letters: a key is named by what is no number. */
const letters = (number) => [...String(number)].map((digit) => 'abcdefghij'[digit]).join('');

for (let i = 0; i < Number(process.env.DISTINCT); i++) {
  const statement = `SELECT 1 AS ${letters(i)}`;
  const key = `${letters(i)}:17`;
  app.get(`/route-${i}`, async () => {
    await client.query(statement);
    return { seen: await redis.get(key) };
  });
}

Promise.all([client.connect(), app.ready()])
  .then(() => serve(app.routing, () => Promise.all([client.end(), redis.quit(), app.close()])))
  .catch(fail);
