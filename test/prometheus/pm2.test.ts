import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { scrape, seriesOf } from './scraping.ts';

// Three processes start for each.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const apps: App[] = [];
afterAll(async () => {
  await Promise.all(apps.map((app) => app.stop()));
});

interface Instances {
  app: App;
  url: string;
}

function runInstances(env: Record<string, string>): App {
  const app = runApp('test/app/pm2-like.js', {
    preload: 'none',
    args: [join(ROOT, 'dist/register.js')],
    env: { SIETCH_OTEL_PROMETHEUS_DEADLINE_MS: '3000', ...env },
  });
  apps.push(app);
  return app;
}

async function startInstances(): Promise<Instances> {
  const port = await freePort();
  const app = runInstances({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) });
  const url = `http://127.0.0.1:${port}/metrics`;
  await untilThings(url, 107);
  return { app, url };
}

/** `undefined` while nobody answers. */
async function things(url: string): Promise<number | undefined> {
  const text = await scrape(url).then(
    (answer) => answer.text,
    () => '',
  );
  return seriesOf(text, 'things_total')['kind="a",otel_scope_name="app"'];
}

/** Resolves with all that was answered until `expected` was. */
async function untilThings(url: string, expected: number): Promise<(number | undefined)[]> {
  const seen: (number | undefined)[] = [];
  const reached = async () => {
    const now = await things(url);
    if (now !== seen.at(-1)) seen.push(now);
    return now === expected;
  };
  await eventually(`${expected} things are answered`, reached, 30_000).catch((error: Error) => {
    throw new Error(`${error.message}; seen: ${seen.join(', ')}`);
  });
  return seen;
}

const filled = async (url: string) => seriesOf((await scrape(url)).text, 'fill');
const label = (number: number) => `sietch_worker="${number}",otel_scope_name="app"`;

test('the processes of an application are answered for by one, at one port', async () => {
  const { app, url } = await startInstances();
  expect(await filled(url)).toEqual({ [label(0)]: 100, [label(1)]: 7 });
  // Also by the handler that each has mounted.
  const addresses = await eventually('both listen', () => {
    const found = [...app.stdout.matchAll(/^address (\S+)$/gm)].map(([, address = '']) => address);
    return found.length === 2 && found;
  });
  for (const address of addresses) expect(await things(`${address}app-metrics`)).toBe(107);
  expect(app.stderr).not.toMatch(/SIETCH02\d/);
});

test('when who answers is killed, another takes over, and nothing that was scraped is lost', async () => {
  const { app, url } = await startInstances();
  app.send({ restart: 0, signal: 'SIGKILL' });
  await app.waitForLine(/^ended 0$/);
  // Nobody answers for a moment; what is answered never falls.
  const seen = await untilThings(url, 127);
  expect(seen.filter((count) => count !== undefined && count !== 107)).toEqual([127]);
  expect(await filled(url)).toEqual({ [label(0)]: 20, [label(1)]: 7 });
});

test('one that is ended by SIGTERM hands over what was never scraped', async () => {
  const { app, url } = await startInstances();
  // Instance 1 counts 1 more, and is ended before anybody asks.
  const [, pid] =
    /^ready (\d+)$/m.exec(
      app.stdout
        .split('\n')
        .filter((line) => line.startsWith('ready'))
        .at(-1) ?? '',
    ) ?? [];
  process.kill(Number(pid), 'SIGUSR2');
  app.send({ restart: 1, signal: 'SIGTERM' });
  await untilThings(url, 128);
});

test('when all are replaced and end at the same time, as by `pm2 reload`, nothing is lost', async () => {
  const { app, url } = await startInstances();
  for (let reloads = 1; reloads <= 4; reloads++) {
    app.send({ reload: 'SIGINT' });
    const seen = await untilThings(url, 107 + reloads * 40);
    const counts = seen.filter((count) => count !== undefined);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  }
});

test('without a server of the distribution each process answers for itself, in the server of the app', async () => {
  const app = runInstances({ SIETCH_OTEL_PROMETHEUS_SERVER: 'off' });
  const [, address = ''] = await app.waitForLine(/^address (\S+)$/);
  // The app's server is shared: requests go to both in turn.
  const seen = new Set<number | undefined>();
  await eventually('both have answered', async () => seen.add(await things(`${address}app-metrics`)).size >= 2, 30_000);
  expect(seen).toEqual(new Set([100, 7]));
});
