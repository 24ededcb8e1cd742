// GETs, one after another.
const { OPERATIONS, answerAfter, fail, serve } = require('./measured.js');
const { Redis } = require('ioredis');

const redis = new Redis(process.env.REDIS_URL);

async function run() {
  for (let i = 0; i < OPERATIONS; i++) await redis.get('bench:account');
}

redis
  .set('bench:account', 'Jane')
  .then(() => serve(answerAfter(run), () => redis.quit()))
  .catch(fail);
