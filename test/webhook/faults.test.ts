// Whatever is missing or wrong around it, the app starts and serves, and one clear line says what is missing.
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';

const apps: App[] = [];
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop();
});

/** The example service with nothing around it: no PostgreSQL, no Redis, no collector. */
async function startLonelyService(env: Readonly<Record<string, string>>): Promise<{ app: App; url: string }> {
  const nobody = await freePort();
  const app = runApp('examples/webhook-service/service.js', {
    env: {
      PORT: '0',
      DATABASE_URL: `postgres://nobody@127.0.0.1:${nobody}/nothing`,
      REDIS_URL: `redis://127.0.0.1:${nobody}`,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${nobody}`,
      ...env,
    },
  });
  apps.push(app);
  const [, port = ''] = await app.waitForLine(/"port":(\d+).*"listening"/);
  return { app, url: `http://127.0.0.1:${port}` };
}

const ours = (app: App, pattern: RegExp) => app.stderr.split('\n').filter((line) => line.startsWith('[sietch-otel]') && pattern.test(line));

describe('the example service', () => {
  it('starts and serves with PostgreSQL, Redis and the collector down, and says so once of the collector', async () => {
    const { app, url } = await startLonelyService({});
    expect((await fetch(`${url}/health`)).status).toBe(200);
    const webhook = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"id":"evt_1","type":"t","customerId":"c"}' };
    expect((await fetch(`${url}/webhooks/paddle`, webhook)).status).toBe(500);
    await eventually('a line about the collector', () => ours(app, /ECONNREFUSED|refused/i).length > 0);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(ours(app, /ECONNREFUSED|refused/i)).toHaveLength(1);
  });

  it('starts and serves with wrong settings, a line for each', async () => {
    const { app, url } = await startLonelyService({
      OTEL_TRACES_EXPORTER: 'none',
      SIETCH_OTEL_PG_SLOW_QUERY_MS: 'soon',
      SIETCH_OTEL_PG_SLOW_QUERYMS: '5',
      OTEL_PROPAGATORS: 'pigeon',
    });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(ours(app, /SIETCH_OTEL_PG_SLOW_QUERY_MS: expected an integer .*, got "soon"; using 100/)).toHaveLength(1);
    expect(ours(app, /SIETCH_OTEL_PG_SLOW_QUERYMS: unknown variable.*SIETCH_OTEL_PG_SLOW_QUERY_MS\?/)).toHaveLength(1);
    expect(ours(app, /OTEL_PROPAGATORS: expected .*, got "pigeon"; using tracecontext,baggage/)).toHaveLength(1);
  });

  it('starts and serves when the port of the metrics endpoint is taken, with one line', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const address = squatter.address();
    const taken = typeof address === 'object' && address !== null ? String(address.port) : '';
    const { app, url } = await startLonelyService({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_PROMETHEUS_PORT: taken });
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await eventually('a line about the port', () => ours(app, new RegExp(`error .*${taken}`)).length > 0);
    expect(ours(app, new RegExp(`error .*${taken}`))).toHaveLength(1);
    squatter.close();
  });
});
