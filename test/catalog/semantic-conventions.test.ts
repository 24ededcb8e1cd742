// What the distribution emits keeps OpenTelemetry's semantic conventions: no violation, and docs/semantic-conventions.md answers each advice.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emittedNames } from '../../src/catalog/emitted-names.js';
import { SCHEMA_URL } from '../../src/sdk/version.js';
import { EVERYTHING_ON } from '../safety/canary-run.ts';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { type Receiver, type Span, startReceiver } from '../support/otlp.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { startWebhookApp } from '../webhook/webhook-app.ts';
import { checkDeclared, checkSpanTypes, checkTelemetry, Findings } from './conventions.ts';

const PAGE = readFileSync(join(ROOT, 'docs/semantic-conventions.md'), 'utf8');
/** The first column of the table of answers. */
const answered = [...PAGE.matchAll(/^\| ([^|]+?) \| (?:no|yes|partly)[,:;.]? /gm)].map(([, advice = '']) => advice.replaceAll('`', ''));

const EXPORT_ALL = { ...EVERYTHING_ON, OTEL_LOG_LEVEL: 'warn', OTEL_METRIC_EXPORT_INTERVAL: '500' };
const all = new Findings();
const allSpans: Span[] = [];
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver?.close();
});

test('names that are declared', () => {
  const findings = new Findings();
  for (const of of [findings, all]) checkDeclared(Object.values(emittedNames).flat(), of);
  expect(findings.violations).toEqual([]);
});

test('the example service: a webhook that succeeds, one that ends as a dead letter', async () => {
  const app = await startWebhookApp({ receiver, databaseUrl: await freshDatabase(), redisUrl: await freshRedis(), env: EXPORT_ALL });
  try {
    await app.send({ id: 'evt_good' });
    await app.worker.waitForLine(/"evt_good".*"webhook processed"/);
    app.paddle.status = 500;
    await app.send({ id: 'evt_bad', customerId: 'ctm_bad' });
    await app.worker.waitForLine(/"evt_bad".*"attempt":4/);
    await fetch(`${app.url}/nowhere?token=1`, { method: 'PROPFIND' });
  } finally {
    await app.stop();
  }
  expectConventional();
});

test('an app that uses all of it, with everything on that shows more', async () => {
  receiver.store.clear();
  const app = runApp('test/app/canary/main.cjs', {
    receiver,
    env: { ...EXPORT_ALL, DATABASE_URL: await freshDatabase(), REDIS_URL: await freshRedis() },
  });
  try {
    await app.waitForMessage((message) => (message === 'done' || typeof message === 'object' ? message : undefined), 60_000);
    app.send({ end: true });
    await app.waitForExit();
  } finally {
    await app.stop();
  }
  expectConventional();
});

test('docs/semantic-conventions.md answers each advice, and nothing else', () => {
  checkSpanTypes(allSpans, all);
  expect(answered.sort()).toEqual(all.advice);
});

function expectConventional(): void {
  const { spans, logs, metrics } = receiver.store;
  for (const received of [spans, logs, metrics]) expect(received.length).toBeGreaterThan(0);
  allSpans.push(...spans);
  const findings = new Findings();
  for (const of of [findings, all]) checkTelemetry(receiver.store, SCHEMA_URL, of);
  expect(findings.violations).toEqual([]);
}
