// Every panel shows something: its query returns data from a real Prometheus that scrapes the example service after webhooks of every kind.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { needsPrometheus } from '../support/requirements.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp, type WebhookApp } from '../webhook/webhook-app.ts';
import { panelQueries } from './panels.ts';

/** Rates over a counter need it to have moved within this range; scrapes are 200 ms apart. */
const INTERVAL = '60s';
/** Panels about what does not happen in this run. */
const QUIET = new Set([
  'What is broken, since when, for whom?',
  'Did workers die or block?',
  'Does Redis take new jobs?',
  'Which commands fail?',
  'What is lost, and why?',
  'Are series refused?',
  'Why are traces kept?',
  'Which traces should have been kept?',
  'Is the ring too small?',
  'What does the recorder hold?',
  'Do processes hear of kept traces?',
]);

let receiver: Receiver;
let app: WebhookApp;
let prometheus: Prometheus;

describe('every panel of the dashboards', await needsPrometheus(), () => {
  beforeAll(async () => {
    receiver = await startReceiver();
    app = await startWebhookApp({
      databaseUrl: await freshDatabase(),
      redisUrl: await freshRedis(),
      receiver,
      // All signals are sent, which a panel counts.
      env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_METRICS_EXPORTER: 'prometheus,otlp', OTEL_METRIC_EXPORT_INTERVAL: '2000' },
    });
    prometheus = await startPrometheus({ targets: Object.values(app.metricsUrls).map((url) => new URL(url).host) });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await app?.stop();
    await receiver?.close();
  });

  it('returns data while the example service works', { timeout: 90_000 }, async () => {
    let sent = 0;
    const trouble = async () => {
      sent += 1;
      await app.send({ id: `evt_${sent}`, customerId: 'ctm_1', type: sent % 3 === 0 ? 'report.requested' : 'payment.completed' });
      await app.send({ id: `evt_${sent}_lost`, customerId: 'ctm_missing' });
      app.paddle.status = sent > 5 ? 503 : 200;
    };
    // A webhook without an id is refused by PostgreSQL, and so by the service.
    const refused = () =>
      fetch(`${app.url}/webhooks/paddle`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    for (const { dashboard, panel, expr } of panelQueries(INTERVAL)) {
      if (QUIET.has(panel)) continue;
      await eventually(
        `${dashboard} / ${panel} has data for ${expr}`,
        async () => {
          if ((await prometheus.query(expr)).length > 0) return true;
          await trouble();
          await refused();
          return false;
        },
        45_000,
      );
    }
    expect(sent).toBeGreaterThan(0);
  });
});
