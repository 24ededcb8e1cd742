// `sietch-otel whowrote KEY`: finds the trace that wrote a key of Redis, with the ioredis of the
// app in the current folder.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isRedisLike, type RedisLike } from '../integrations/redis/unprefixed-command.js';
import { whoWrote } from '../integrations/redis/who-wrote.js';
import { missingPeer } from '../node/missing-peer.js';
import type { KeyWriter } from '../observe/redis/companion-key.js';
import { parseArguments, UsageError } from './command.js';

const DEFAULT_URL = 'redis://127.0.0.1:6379';
const DEADLINE_MS = 5000;
const USAGE = `Usage: sietch-otel whowrote <key> [options]

Says which trace wrote a key of Redis last, where it was remembered: the app runs with SIETCH_OTEL_REDIS_KEY_TRACE, the key
matches one of its patterns, and the trace was sampled. <key> is the whole key, with the app's key prefix. Uses the ioredis of
the app in the current folder. Exits with 1 when nothing is known.

  --url <url>   server, or any node of a cluster (default: REDIS_URL, else ${DEFAULT_URL})
  --json        print the answer as JSON
  --help
`;

/** The part of ioredis that is used here. */
interface Client extends RedisLike {
  connect(): Promise<unknown>;
  disconnect(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export async function whowrote(argv: readonly string[]): Promise<number> {
  const options = { url: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;
  const { positionals, values } = parseArguments(argv, USAGE, { allowPositionals: true, options });
  if (values.help === true) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [key, ...more] = positionals;
  if (key === undefined || key === '' || more.length > 0) throw new UsageError(`Expected one key, got ${positionals.length}\n\n${USAGE}`);
  const url = readUrl(values.url ?? process.env['REDIS_URL'] ?? DEFAULT_URL);
  const writer = await ask(loadIoredis(), url, key);
  if (values.json === true) process.stdout.write(`${JSON.stringify({ key, writer: writer ?? null })}\n`);
  else process.stdout.write(describe(key, writer));
  return writer === undefined ? 1 : 0;
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^rediss?:$/.test(url.protocol)) return url;
  throw new UsageError('Expected `--url` to be a URL that begins with redis:// or rediss://');
}

function loadIoredis(): (...args: never[]) => unknown {
  const fromApp = createRequire(join(process.cwd(), 'package.json'));
  let exported: unknown;
  try {
    exported = fromApp('ioredis');
  } catch {
    throw new Error(
      `${missingPeer('sietch-otel whowrote', 'ioredis')}, in the folder of the app, or run this there: ${process.cwd()} has none`,
    );
  }
  if (!isFunction(exported)) throw new Error(`ioredis in ${process.cwd()} is not a version that is known (4 to 6)`);
  return exported;
}

/** Reads from the server; when it redirects (MOVED), from the cluster that it belongs to. */
async function ask(ioredis: (...args: never[]) => unknown, url: URL, key: string): Promise<KeyWriter | undefined> {
  const options = {
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: DEADLINE_MS,
    commandTimeout: DEADLINE_MS,
  };
  try {
    return await askClient(Reflect.construct(ioredis, [url.href, options]), key);
  } catch (error) {
    const clusterClass: unknown = Reflect.get(ioredis, 'Cluster');
    if (!isMoved(error) || !isFunction(clusterClass)) throw new Error(`${masked(url)}: ${messageOf(error)}`);
    const clusterOptions = { lazyConnect: true, clusterRetryStrategy: () => null, redisOptions: { ...options, ...credentials(url) } };
    return await askClient(Reflect.construct(clusterClass, [[url.href], clusterOptions]), key);
  }
}

async function askClient(client: unknown, key: string): Promise<KeyWriter | undefined> {
  if (!isClient(client)) throw new Error('not a client of ioredis 4 to 6');
  let lastError: unknown;
  client.on('error', (error) => {
    lastError = error;
  });
  try {
    await client.connect().catch((error: unknown) => {
      // The error that closed the connection names the cause; "Connection is closed." does not.
      throw lastError ?? error;
    });
    return await whoWrote(client, key);
  } finally {
    client.disconnect();
  }
}

function describe(key: string, writer: KeyWriter | undefined): string {
  if (writer === undefined) return `Nothing is known of who wrote ${JSON.stringify(key)}.\n`;
  return `${JSON.stringify(key)} was written in trace ${writer.traceId}, span ${writer.spanId}.\n`;
}

/** The URL without name and password. */
function masked(url: URL): string {
  return `${url.protocol}//${url.username === '' && url.password === '' ? '' : '***@'}${url.host}${url.pathname}`;
}

function credentials(url: URL): Record<string, unknown> {
  return {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function isMoved(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('MOVED ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function';
}

function isClient(value: unknown): value is Client {
  return isRedisLike(value) && ['connect', 'disconnect', 'on'].every((name) => typeof Reflect.get(value, name) === 'function');
}
