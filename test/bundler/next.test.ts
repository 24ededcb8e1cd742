// A standalone build of Next.js, whose bundles are Next's own: a request is one trace, with Next's spans and their route, and with what the libraries outside
// of its bundles do.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { freshDatabase } from '../support/servers.ts';
import { ask } from '../support/web-app.ts';

const run = promisify(execFile);
const PACKAGES = { next: '16.4.6', pg: '8.23.1', react: '19.3.1', 'react-dom': '19.3.1' };
const FILES = {
  'next.config.mjs': "export default { output: 'standalone', outputFileTracingRoot: import.meta.dirname };",
  'app/layout.js': `
import { createElement } from 'react';
export default function Layout({ children }) {
  return createElement('html', null, createElement('body', null, children));
}`,
  'app/page.js': `
import { connection } from 'next/server';
import { createElement } from 'react';
export default async function Page() {
  await connection();
  return createElement('p', null, 'orders');
}`,
  'app/orders/[id]/route.js': `
import { Client } from 'pg';
export async function GET(_request, { params }) {
  const { id } = await params;
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const { rows } = await client.query('SELECT $1::int AS id', [id]);
  await client.end();
  return Response.json(rows[0]);
}`,
};

let server: string;
beforeAll(async () => {
  const key = [...Object.values(PACKAGES), createHash('sha256').update(JSON.stringify(FILES)).digest('hex').slice(0, 8)];
  // Nothing of ours is in the build, so it is kept with the packages.
  const modules = await installedPackages(join(cacheDirectory('next'), key.join('-')), PACKAGES, buildBeside);
  server = join(dirname(modules), '.next/standalone/server.js');
}, INSTALLING_MS);

async function buildBeside(modules: string): Promise<void> {
  const cwd = dirname(modules);
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  await run(process.execPath, [join(modules, 'next/dist/bin/next'), 'build'], { cwd, env, timeout: INSTALLING_MS / 2 });
}

// GET                                   SERVER   the request
// └─ GET /orders/[id]                   SERVER   Next, with the route
//    ├─ resolve page components
//    └─ executing api route (app) /orders/[id]
//       └─ SELECT …                     CLIENT
test.each(['20', '24'] as const)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const receiver = await startReceiver();
  const port = await freePort();
  const app = runApp(server, {
    receiver,
    node: await nodeBinary(major),
    cwd: dirname(server),
    env: { PORT: String(port), HOSTNAME: '127.0.0.1', DATABASE_URL: await freshDatabase(), SIETCH_OTEL_PG_SLOW_QUERY_MS: '0' },
  });
  try {
    await app.waitForLine(/Ready in/);
    const answer = await ask(`http://127.0.0.1:${port}/orders/7`);
    expect(answer).toMatchObject({ status: 200, body: '{"id":7}' });
    const traceId = String(answer.headers['x-trace-id']);
    const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.some(({ parentSpanId }) => parentSpanId === ''));
    const roots = spanTree(spans);
    const [request] = roots[0]?.children ?? [];
    const handler = request?.children.find(({ name }) => name.startsWith('executing'));
    expect([roots.map(nameAndKind), roots[0]?.children.map(nameAndKind)]).toEqual([['GET SERVER'], ['GET /orders/[id] SERVER']]);
    expect([handler?.name, handler?.children.map(nameAndKind)]).toEqual([
      'executing api route (app) /orders/[id]',
      [expect.stringMatching(/^SELECT.* CLIENT$/)],
    ]);
    expect(spans.find(({ name }) => name === 'GET /orders/[id]')?.attributes).toMatchObject({ 'http.route': '/orders/[id]' });
    // Next touches a span of its own that has ended, which OpenTelemetry's API says by a line without a code.
    expect(app.stderr).not.toMatch(/^\[sietch-otel\] (?:warn|error) SIETCH/m);
  } finally {
    await app.stop();
    await receiver.close();
  }
});

function nameAndKind({ name, kind }: SpanNode): string {
  return `${name} ${kind}`;
}
