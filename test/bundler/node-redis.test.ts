// node-redis inside of a bundle, in the first and the last version of each major one: used in every way there is, it prints what it prints without us, and
// has the spans that it has outside of the bundle.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { nodeRedisPath, type Version } from '../integrations/node-redis/node-redis-versions.ts';
import { type AppOptions, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Redis, startRedis } from '../support/redis.ts';
import { sietchOtel } from './plugin.ts';

const PROGRAM = 'test/app/node-redis-all-forms.cjs';
const EVERYTHING_ON = { SIETCH_OTEL_DB_ROOT_SPANS: 'all', SIETCH_OTEL_REDIS_SLOW_MS: '0' };

let redis: Redis;
let cluster: Redis;
let folder: string;
let receiver: Receiver;
beforeAll(async () => {
  // A server of its own: the program removes all keys and listens to all commands.
  [redis, cluster] = await Promise.all([startRedis({ own: true }), startRedis({ own: true, cluster: true })]);
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'sietch-otel-bundled-redis-')));
});
afterAll(async () => {
  await Promise.all([redis?.stop(), cluster?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

interface Ran {
  readonly stdout: string;
  readonly problems: readonly string[];
  /** Names, statuses and names of attributes, sorted. */
  readonly spans: readonly string[];
}

async function run(file: string, options: AppOptions = {}): Promise<Ran> {
  receiver.store.clear();
  const env = { REDIS_URL: `${redis.url}/3`, CLUSTER_PORT: String(cluster.port), ...EVERYTHING_ON, ...options.env };
  const { code, stdout, stderr } = await runApp(file, { receiver, ...options, env }).waitForExit();
  expect(code, stderr).toBe(0);
  const spans = receiver.store.spans.map(({ name, status, attributes }) =>
    [name, status.code, ...Object.keys(attributes).sort()].join(' '),
  );
  return { stdout, problems: stderr.match(/^\[sietch-otel\] (?:warn|error) .*$/gm) ?? [], spans: spans.sort() };
}

// 4.0.0 ends the process where the program gives it a value of a wrong type.
test.each(['4.7.1', '5.0.0', '5.12.1', '6.3.1'] as const satisfies readonly Version[])(
  '%s',
  { timeout: INSTALLING_MS },
  async (version) => {
    const library = await nodeRedisPath(version);
    const bundle = join(folder, `${version}.cjs`);
    await build({
      stdin: { contents: `void require('./${PROGRAM}')(require(${JSON.stringify(library)}));`, resolveDir: ROOT },
      outfile: bundle,
      bundle: true,
      platform: 'node',
      minifyWhitespace: true,
      plugins: [sietchOtel.esbuild()],
      logLevel: 'silent',
    });
    // The first run, after which the server knows the scripts.
    const bare = await run(bundle, { preload: 'none' });
    expect(bare.stdout).toMatch(/^end$/m);
    const outside = await run(PROGRAM, { env: { NODE_REDIS: library } });
    expect(outside.spans.length).toBeGreaterThan(130);
    expect(await run(bundle)).toEqual({ ...outside, stdout: bare.stdout });
  },
);
