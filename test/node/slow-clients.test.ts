// Slow clients of the servers of ours, many more than a server keeps connections for: who comes after them is answered.
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { metricsUrlOf, scrape } from '../prometheus/scraping.ts';
import { type App, runApp } from '../support/app.ts';

const CLIENTS = 500;

const apps: App[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  const open = [...sockets];
  sockets.clear();
  for (const socket of open) socket.destroy();
  await Promise.all(apps.splice(0).map((app) => app.stop()));
});

function start(file: string, preload: 'require' | 'none', ...args: string[]): App {
  const app = runApp(file, { preload, args });
  apps.push(app);
  return app;
}

const servers = {
  'the metrics endpoint': async () => metricsUrlOf(start('test/app/metrics.js', 'require')),
  'the viewer': async () => {
    const [, url = ''] = await start('dist/cli/main.js', 'none', 'view', '--port', '0', '--quiet').waitForLine(/Receiving OTLP on (\S+),/);
    return `${url}/api/traces`;
  },
};

const clients: Record<string, (path: string) => string> = {
  'send nothing': () => '',
  'stop in the head of a request': (path) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: `,
  'stop in the body of a request': () =>
    'POST /v1/traces HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  'do not read their answers': (path) => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`.repeat(5),
};

/** Resolves when it is connected, or was refused, and has written. A client that is cut off comes again for as long as the test runs. */
async function slowClient(url: URL, text: string): Promise<void> {
  const socket = connect(Number(url.port), url.hostname).on('error', () => {});
  // One that does not read does not hear of its end either.
  if (!text.startsWith('GET') || text.endsWith(': ')) socket.resume();
  sockets.add(socket);
  socket.once('close', () => {
    if (sockets.delete(socket)) void slowClient(url, text);
  });
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  if (text !== '') socket.write(text);
}

describe.each(Object.entries(servers))('%s', (_server, address) => {
  test.each(Object.entries(clients))(`answers beside ${CLIENTS} clients that %s`, async (_what, text) => {
    const url = await address();
    const path = new URL(url).pathname;
    await Promise.all(Array.from({ length: CLIENTS }, () => slowClient(new URL(url), text(path))));
    for (let round = 0; round < 3; round++) expect((await scrape(url)).status).toBe(200);
  });
});
