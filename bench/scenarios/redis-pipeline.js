// GETs in pipelines of a hundred.
const { OPERATIONS, answerAfter, fail, serve } = require('./measured.js');
const { Redis } = require('ioredis');

const redis = new Redis(process.env.REDIS_URL);

async function run() {
  for (let i = 0; i < OPERATIONS; i += 100) {
    const pipeline = redis.pipeline();
    for (let j = 0; j < 100; j++) pipeline.get('bench:account');
    await pipeline.exec();
  }
}

redis
  .set('bench:account', 'Jane')
  .then(() => serve(answerAfter(run), () => redis.quit()))
  .catch(fail);
