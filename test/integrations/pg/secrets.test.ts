// What is secret in a query is nowhere in what leaves the process: OTLP as bytes, /metrics, stderr.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { startReceiver } from '../../support/otlp.ts';
import { freshDatabase } from '../../support/servers.ts';

const SECRETS = { CARD: '4111111111111111', MAIL: 'jane.doe@example.com', PASSWORD: 'hunter2hunter2' };

async function runWithSecrets(env: Record<string, string> = {}) {
  let sent = '';
  const receiver = await startReceiver({
    handler(request) {
      request.on('data', (chunk: Buffer) => {
        sent += chunk.toString('latin1');
      });
      return false;
    },
  });
  const app = runApp('test/app/pg-secrets.js', {
    args: [await freshDatabase()],
    receiver,
    env: {
      ...SECRETS,
      OTEL_METRICS_EXPORTER: 'otlp,prometheus',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      SIETCH_OTEL_PG_SLOW_QUERY_MS: '1',
      SIETCH_OTEL_PG_EXPLAIN: 'on',
      SIETCH_OTEL_PG_BLOCKERS: 'on',
      SIETCH_OTEL_PG_CONNECT_SPANS: 'on',
      OTEL_LOG_LEVEL: 'ALL',
      ...env,
    },
  });
  try {
    await app.waitForLine(/^ran 11, failed 15 of 15$/);
    const [, url = ''] = await app.waitForLine(/(http:\/\/127\.0\.0\.1:\d+\/metrics)/);
    const metrics = await (await fetch(url)).text();
    app.send({});
    const { stderr } = await app.waitForExit();
    return { sent, metrics, stderr, spans: receiver.store.spans };
  } finally {
    await app.stop();
    await receiver.close();
  }
}

function found(text: string): string[] {
  return Object.entries(SECRETS).flatMap(([name, secret]) => (text.includes(secret) || text.includes(secret.slice(0, 12)) ? [name] : []));
}

test('card number, address and password are nowhere in OTLP, /metrics and stderr', async () => {
  const { sent, metrics, stderr, spans } = await runWithSecrets();
  // It all was observed: queries, failures, slow ones, plans.
  expect(spans.filter(({ status }) => status.code === 'ERROR').length).toBeGreaterThanOrEqual(15);
  expect(sent).toContain('pg.explain');
  expect(stderr).toContain('sietch.pg.slow_query');
  expect(metrics).toContain('error_type="22P02"');
  expect({ sent: found(sent), metrics: found(metrics), stderr: found(stderr) }).toEqual({ sent: [], metrics: [], stderr: [] });
});

test('the search would find them: raw texts show what is in literals, but not bound values', async () => {
  const { sent, metrics } = await runWithSecrets({ SIETCH_OTEL_PG_QUERY_TEXT: 'raw' });
  expect(found(sent)).toEqual(['CARD', 'MAIL', 'PASSWORD']);
  expect(found(metrics)).toEqual([]);
});
