// Redis values, Lua arguments, passwords and keys that hold values; commands that fail with them. See main.cjs.
const { Redis } = require('ioredis');
const { CARD, caught, marked, word } = require('./values.cjs');

exports.useRedis = async () => {
  const redis = new Redis(process.env.REDIS_URL);
  await redis.set('user:1', marked('redis-value'));
  await redis.hset('hash:1', marked('redis-field'), marked('redis-field-value'));
  await redis.pipeline().set('user:2', marked('redis-pipeline')).append('user:2', CARD).exec();
  await redis.multi().set('user:3', marked('redis-multi')).zadd('scores', 1, marked('redis-member')).exec();
  await redis.xadd('stream', '*', 'field', marked('redis-stream'));
  await redis.publish('news', marked('redis-message'));
  await redis.eval('return ARGV[1]', 1, 'user:1', marked('redis-lua'));
  await caught(() => redis.eval(`return redis.error_reply('MINE ${marked('redis-script')}')`, 0));
  await caught(() => redis.eval("return redis.error_reply(ARGV[1] .. ' failed')", 0, marked('redis-lua-error')));
  redis.defineCommand('echoed', { numberOfKeys: 1, lua: 'return ARGV[1]' });
  await redis.echoed('user:1', marked('redis-defined'));
  // Keys are shown as patterns: parts with anything but letters, `_`, `-` and `.`, or long ones, are not.
  await redis.get(`mail:${marked('redis-key')}`);
  await redis.set(`card:${CARD}:owner`, 'x');
  await caught(() => redis.lpush('user:1', marked('redis-wrong-type')));
  await caught(() => redis.call('NOSUCH', marked('redis-unknown')));
  await caught(() => redis.auth(word('redis-auth')));
  await caught(() => redis.call('AUTH', 'someone', word('redis-auth-call')));
  await caught(() => redis.hello(2, 'AUTH', 'someone', word('redis-hello')));
  await caught(() => redis.acl('SETUSER', 'someone', `>${word('redis-acl')}`, marked('redis-acl-rule')));
  await caught(() => redis.config('SET', 'nosuch', word('redis-config')));
  const refused = { username: 'someone', password: word('redis-password'), retryStrategy: null, maxRetriesPerRequest: 0 };
  for (const url of [process.env.REDIS_URL, 'redis://127.0.0.1:1', `redis://:${word('redis-url')}@nosuch.invalid`]) {
    const other = new Redis(url, refused).on('error', () => {});
    await caught(() => other.get('user:1'));
    other.disconnect();
  }
  redis.disconnect();
};
