import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { lastPoint, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

test.each(['require', 'import', 'both'] as const)('an ES module is traced as a CommonJS one is, each query once: --%s', async (preload) => {
  const receiver = await startReceiver();
  try {
    const env = { OTEL_METRICS_EXPORTER: 'otlp', SIETCH_OTEL_DB_ROOT_SPANS: 'all' };
    const exit = await runApp('test/app/pg-esm.mjs', { args: [await freshDatabase()], receiver, preload, env }).waitForExit();
    expect(exit.code, exit.stderr).toBe(0);
    expect(receiver.store.spans.map(({ attributes }) => attributes['db.query.text']).sort()).toEqual([
      'SELECT ? AS "pg-pool"',
      'SELECT ? AS client',
      'SELECT ? AS pool',
    ]);
    // Both pools, pg's own and pg-pool's.
    expect(lastPoint(receiver.store.metrics, 'db.client.connection.wait_time')?.count).toBe(2);
  } finally {
    await receiver.close();
  }
});
