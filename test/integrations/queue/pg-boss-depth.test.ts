// Depth by state, age and dead letters of pg-boss' queues, of which an app says nothing: the first and the last version, and those between that keep
// their jobs in another form.
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { cacheDirectory } from '../../support/cache.ts';
import { ROOT } from '../../support/checkout.ts';
import { eventually } from '../../support/eventually.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../../support/npm-packages.ts';
import { allText, lastPoint, startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

test.each([
  ['9.0.0', '20'],
  ['10.4.2', '20'],
  ['11.1.2', '24'],
  ['12.0.0', '24'],
  ['12.35.0', '24'],
  ['12.38.0', '24'],
] as const)('pg-boss %s', { timeout: INSTALLING_MS }, async (version, node) => {
  const packages = { 'pg-boss': version, pg: '8.23.1', '@opentelemetry/api': '1.9.0' };
  const modules = await installedPackages(join(cacheDirectory('libraries'), `pg-boss-${version}-api`), packages);
  const file = join(dirname(modules), 'depth.cjs');
  copyFileSync(join(ROOT, 'test/app/pg-boss/depth.cjs'), file);
  const receiver = await startReceiver();
  const app = runApp(file, {
    receiver,
    node: await nodeBinary(node),
    env: {
      DATABASE_URL: await freshDatabase(),
      OTEL_METRICS_EXPORTER: 'otlp',
      SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '200',
      SIETCH_OTEL_PG_SLOW_QUERY_MS: '0',
      // Whatever is observed has a span.
      SIETCH_OTEL_DB_ROOT_SPANS: 'all',
    },
  });
  const gauge = (name: string, queue: string, rest = {}) =>
    lastPoint(receiver.store.metrics, `sietch.queue.${name}`, { 'messaging.destination.name': queue, ...rest })?.value;
  const depth = (queue: string) =>
    ['waiting', 'delayed', 'active', 'completed', 'failed']
      .map((state) => gauge('depth', queue, { 'sietch.queue.job.state': state }))
      .join();
  try {
    await app.waitForLine(/^ready$/);
    await eventually('its queues are counted', () => `${depth('idle')} ${depth('jobs')}` === '2,1,0,0,0 0,0,1,1,1');
    expect(gauge('oldest_waiting.age', 'idle')).toBeGreaterThan(0);
    expect(gauge('oldest_waiting.age', 'jobs')).toBe(0);
    expect(gauge('dlq.depth', 'jobs')).toBe(1);
    expect(gauge('dlq.depth', 'idle')).toBe(0);
    // Our questions are seen by nobody.
    const texts = receiver.store.spans.map(({ attributes }) => String(attributes['db.query.text']));
    expect(texts.filter((text) => / AS oldest /.test(text))).toEqual([]);
    expect(allText(receiver.store)).not.toContain('4111111111111111');
    app.send({});
    await app.waitForLine(/^stopped$/);
    app.send({});
    const { code, stdout, stderr } = await app.waitForExit();
    // How fast this machine takes exports is not what is tested.
    expect({ code, stdout, problems: stderr.split('\n').filter((line) => /\] (warn|error) (?!SIETCH09)/.test(line)) }).toEqual({
      code: 0,
      stdout: 'ready\nstopped\n',
      problems: [],
    });
  } finally {
    await app.stop();
    await receiver.close();
  }
});
