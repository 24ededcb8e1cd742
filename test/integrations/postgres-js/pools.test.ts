// The gauges of postgres.js' pools, in a program that requires it and in one that imports it.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { eventually } from '../../support/eventually.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { lastPoint, startReceiver } from '../../support/otlp.ts';
import { POSTGRES_JS_VERSIONS, postgresJsProject } from '../../support/postgres-js.ts';
import { freshDatabase } from '../../support/servers.ts';

describe.each(POSTGRES_JS_VERSIONS)('postgres %s', { timeout: INSTALLING_MS }, (version) => {
  let folder: string;
  beforeAll(async () => {
    folder = await postgresJsProject(version);
  }, INSTALLING_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['pools.cjs', 'pools.mjs'])('its gauges are right, and go to 0 when its pools end: %s', async (program) => {
    const receiver = await startReceiver();
    const url = await freshDatabase();
    const { hostname, port, pathname } = new URL(url);
    const app = runApp(join(folder, program), {
      args: [url],
      receiver,
      cwd: folder,
      env: { OTEL_METRICS_EXPORTER: 'otlp' },
    });
    try {
      await app.waitForLine(/^used 3 idle 1/);
      const pool = { 'db.client.connection.pool.name': `${hostname}:${port}${pathname}` };
      const gauge = (name: string, attributes = {}) =>
        lastPoint(receiver.store.metrics, `db.client.connection.${name}`, { ...pool, ...attributes })?.value;
      const counts = () => [
        gauge('count', { 'db.client.connection.state': 'used' }),
        gauge('count', { 'db.client.connection.state': 'idle' }),
        gauge('pending_requests'),
        gauge('limit'),
      ];
      await eventually('the gauges tell what the app holds', () => counts().join() === '3,1,2,5');
      app.send({});
      await app.waitForLine(/^all ended$/);
      await eventually('the gauges tell that nothing is left', () => counts().join() === '0,0,0,0');
      app.send({});
      // How fast this machine takes exports is not what is tested.
      expect(await app.waitForExit()).toMatchObject({ code: 0, stderr: expect.not.stringMatching(/warn SIETCH(?!09)/) });
    } finally {
      await app.stop();
      await receiver.close();
    }
  });
});
