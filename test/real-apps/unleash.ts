// Usage: npm run build && npx tsx test/real-apps/unleash.ts
// Installs Unleash (Express, Knex, PostgreSQL; ES modules), starts it under the preload on a PostgreSQL of its own, asks it once and prints the trace.
// Not part of the tests: 400 packages, and it takes minutes.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { installedPackages } from '../support/npm-packages.ts';
import { renderWaterfall, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { startPostgres } from '../support/postgres.ts';
import { ask } from '../support/web-app.ts';

const TOKEN = '*:*.tried-and-thrown-away';

async function main(): Promise<void> {
  const modules = await installedPackages(join(cacheDirectory('real-apps'), 'unleash-7.5.1'), { 'unleash-server': '7.5.1' });
  const file = join(dirname(modules), 'start.mjs');
  writeFileSync(file, "import { start } from 'unleash-server';\nawait start({ server: { host: '127.0.0.1' } });\n");
  const [postgres, receiver, port] = await Promise.all([startPostgres({ own: true }), startReceiver(), freePort()]);
  const env = {
    DATABASE_URL: await postgres.createDatabase(),
    DATABASE_SSL: 'false',
    PORT: String(port),
    INIT_ADMIN_API_TOKENS: TOKEN,
    CHECK_VERSION: 'false',
    SEND_TELEMETRY: 'false',
    OTEL_SERVICE_NAME: 'unleash',
  };
  const app = runApp(file, { receiver, env, cwd: dirname(modules) });
  try {
    const url = `http://127.0.0.1:${port}`;
    const get = (path: string) => ask(`${url}${path}`, { headers: { authorization: TOKEN } });
    await untilAnswered(() => get('/health'));
    for (const path of ['/api/admin/projects/default/features', '/api/admin/projects']) {
      const { status, headers } = await get(path);
      const traceId = String(headers['x-trace-id']);
      const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.some(({ kind }) => kind === 'SERVER'));
      console.log(`GET ${path}: ${status}, ${spans.length} spans\n${renderWaterfall(spans)}`);
    }
    console.log(
      app.stderr
        .split('\n')
        .filter((line) => line.startsWith('[sietch-otel]'))
        .join('\n'),
    );
  } finally {
    const { code, signal } = await app.stop();
    console.log(`ended by SIGTERM: ${code ?? signal}`);
    await receiver.close();
    await postgres.stop();
  }
}

/** The first start migrates the database for a minute or more. */
async function untilAnswered(attempt: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (tries === 240) throw error;
      await sleep(1000);
    }
  }
}

void main();
