// The libraries look from outside as they do without us: names, lengths, flags, prototypes, how they print. What differs is listed, with the reason.
import { expect, test } from 'vitest';
import { type Preload, runApp } from '../support/app.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';

type Facts = Map<string, string>;

async function looks(preload: Preload): Promise<Facts> {
  const env = {
    REDIS_URL: await freshRedis(),
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
    // The first process of an installation listens to its exit until it has written the cache.
    SIETCH_OTEL_CODE_CACHE: 'off',
  };
  const { code, stdout, stderr } = await runApp('test/app/looks.cjs', { preload, env }).waitForExit(60_000);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const printed: unknown = JSON.parse(stdout);
  if (!Array.isArray(printed)) throw new Error('no facts');
  const facts: Facts = new Map();
  for (const [path, fact] of printed) facts.set(path, `${facts.get(path) ?? ''}${fact}\n`);
  return facts;
}

/** What differs, by the path of the fact. */
const KNOWN: readonly (readonly [reason: string, path: RegExp])[] = [
  [
    'a function stands in for a method, and could be called with `new`',
    /^(pg\.Client(\.Query)?|ioredis)\.prototype\.\w+\.prototype(\.constructor)?$/,
  ],
  ['upstream marks what it has wrapped, not enumerably', /^https?\.\w+\.__(original|unwrap|wrapped)\b/],
  ['so do we', /[. ]Symbol\(@sietch\/otel\.(replacement|circuit\.observed|express-route)\)/],
  [
    'an inherited method becomes an own one',
    /^(https?\.Server\.prototype\.emit|http\.(IncomingMessage|ServerResponse)\.prototype\.emit|opossum\.prototype\.on)(\.|$)/,
  ],
  ['not an enumerable one, so `for … in` passes over it', /^new CircuitBreaker inherits on$/],
  ['the trace fields of log lines come by the mixin', /^(new )?pino\(\)(\.child\(\))? (has Symbol\(pino\.mixin\)|prints)$/],
  [
    'OpenTelemetry binds the emitters of an outgoing request to its trace by methods of their own',
    /^(outgoing request|incoming response) (has|inherits) (on|off|once|\w+Listeners?|Symbol\(OtListeners\))$/,
  ],
  [
    'upstream listens to the end of an outgoing request',
    /^(outgoing request|incoming response) listens to (close|end|response|Symbol\(events\.errorMonitor\))$/,
  ],
  ['the route is kept with the request', /^incoming request has Symbol\(sietch rpc metadata\)$/],
  [
    'of all that, and of the contexts that Node keeps with timers and sockets, prints show what is enumerable',
    /^(incoming|outgoing) (request|response) prints$|^(listening server|server response) prints$/,
  ],
];

test('what the libraries export and make looks the same, but for what is listed', async () => {
  const [bare, preloaded] = [await looks('none'), await looks('require')];
  // Classes, methods, instances of all of them were looked at.
  expect(bare.size).toBeGreaterThan(5_000);
  const different = [...new Set([...bare.keys(), ...preloaded.keys()])].filter((path) => bare.get(path) !== preloaded.get(path));
  const unknown = different.filter((path) => !KNOWN.some(([, known]) => known.test(path)));
  expect(unknown.map((path) => ({ path, bare: bare.get(path), preloaded: preloaded.get(path) }))).toEqual([]);
}, 120_000);

test('listeners and loggers that throw, and things that throw when looked at, change nothing for the app', async () => {
  const outcome = async (preload: Preload) => {
    const env = {
      DATABASE_URL: await freshDatabase(),
      REDIS_URL: await freshRedis(),
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_TRACES_EXPORTER: 'otlp',
      SIETCH_OTEL_CIRCUIT_SPANS: 'on',
      SIETCH_OTEL_HTTP_MIDDLEWARE_SPANS: 'on',
      SIETCH_OTEL_PG_EXPLAIN: 'on',
      SIETCH_OTEL_PG_SLOW_QUERY_MS: '1',
      SIETCH_OTEL_REDIS_COMMAND_LOG: 'on',
      SIETCH_OTEL_REDIS_KEY_TRACE: '*',
      SIETCH_OTEL_DB_ROOT_SPANS: 'all',
    };
    return runApp('test/app/hostile.cjs', { preload, env }).waitForExit(60_000);
  };
  const [bare, preloaded] = [await outcome('none'), await outcome('require')];
  expect(bare).toMatchObject({ code: 0, stdout: expect.stringMatching(/^end: reached$/m) });
  expect(preloaded.stdout).toBe(bare.stdout);
  expect(preloaded.code).toBe(0);
  // It was told: the listeners were there.
  expect(preloaded.stderr).toMatch(/SIETCH041 a listener of onSlowQuery threw: Error/);
  expect(preloaded.stderr).toMatch(/SIETCH072 an onEvent listener of a circuit breaker threw: Error in ours/);
}, 120_000);
