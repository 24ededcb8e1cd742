// Asks Redis which trace wrote a key. For code of the app, and for the command line.
import { companionOf, type KeyWriter, parseWriter } from '../../observe/redis/companion-key.js';
import { isRedisLike, type RedisLike, sendUnprefixed } from './unprefixed-command.js';

/**
 * Which trace wrote `key` last, as far as it was remembered (`SIETCH_OTEL_REDIS_KEY_TRACE`):
 * undefined when it was not, or no longer.
 * @param redis a client of ioredis 4 to 6, `Redis` or `Cluster`
 * @param key as one would give it to `redis.get`: without the client's key prefix
 * @throws {TypeError} for another kind of client, or an empty key
 * @throws what the client throws when Redis cannot be asked
 */
export async function whoWrote(redis: RedisLike, key: string): Promise<KeyWriter | undefined> {
  if (!isRedisLike(redis)) throw new TypeError(`Expected \`redis\` to be a client of ioredis, got \`${String(redis)}\` (${typeof redis})`);
  if (typeof key !== 'string' || key === '') {
    throw new TypeError(`Expected \`key\` to be a non-empty string, got \`${String(key)}\` (${typeof key})`);
  }
  const companion = companionOf(prefixOf(redis) + key);
  return companion === undefined ? undefined : parseWriter(await sendUnprefixed(redis, 'get', [companion], false));
}

/** A prefix of bytes is taken as UTF-8. */
function prefixOf(redis: RedisLike): string {
  const options: unknown = Reflect.get(redis, 'options');
  const prefix = typeof options === 'object' && options !== null && 'keyPrefix' in options ? options.keyPrefix : undefined;
  return typeof prefix === 'string' || Buffer.isBuffer(prefix) ? prefix.toString() : '';
}
