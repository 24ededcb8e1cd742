// WebhookQueue in a process of its own: with each BullMQ, without it, and when the worker before it was killed.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metricsUrlOf, scrape, seriesOf } from '../prometheus/scraping.ts';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase, freshRedis } from '../support/servers.ts';
import { bullMqFolder } from './bullmq-folder.ts';

const LIBRARY = join(ROOT, 'dist/webhooks/library.js');

/** Runs queue-life.cjs to its own end. In `cwd` peers are looked for that are not beside the library. */
async function live(library: string, settings: object, app = 'test/app/queue-life.cjs', cwd = ROOT): Promise<string> {
  const child = runApp(app, { preload: 'none', cwd, env: { LIBRARY: library, SETTINGS: JSON.stringify(settings) } });
  const { code, stdout, stderr } = await child.waitForExit();
  expect({ code, stderr: stderr.replace(/^\{.*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  return stdout.trim();
}

const LIVED = JSON.stringify({ modes: ['queued', 'duplicate', 'queued'], seen: ['bad', 'bad', 'good'] });

test('after close() nothing holds the process', async () => {
  const connection = await freshRedis();
  const spill = { connection: await freshDatabase() };
  expect(await live(LIBRARY, { connection, enqueueTimeoutMs: 10_000 })).toBe(LIVED);
  expect(await live(LIBRARY, { name: 'spilling', connection, spill, enqueueTimeoutMs: 10_000 })).toBe(LIVED);
});

test('on BullMQ 5 it is the same; the spill asks for BullMQ 6', async () => {
  const folder = bullMqFolder(5);
  try {
    const app = folder.app('queue-life.cjs');
    const library = folder.library();
    expect(await live(library, { connection: await freshRedis(), enqueueTimeoutMs: 10_000 }, app)).toBe(LIVED);
    const spilling = { connection: await freshRedis(), spill: { connection: 'postgres://127.0.0.1:1/none' } };
    expect(await live(library, spilling, app)).toMatch(/^WebhookQueueError WEBHOOK_PEER_MISSING: .*bullmq@6$/);
  } finally {
    folder.remove();
  }
});

test('without BullMQ its constructor says what to install', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-peerless-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    for (const name of ['@opentelemetry', 'pg', 'ioredis'])
      symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
    const said = await live(
      join(folder, 'dist/webhooks/library.js'),
      { connection: 'redis://127.0.0.1:1' },
      'test/app/queue-life.cjs',
      folder,
    );
    expect(said).toMatch(/^WebhookQueueError WEBHOOK_PEER_MISSING: .*npm install bullmq/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('a job whose worker was killed is counted as stalled by the one that takes it over', async () => {
  const env = { REDIS_URL: await freshRedis() };
  const victim = runApp('test/app/queue-stalled.cjs', { preload: 'none', env: { ...env, HANG: '1' } });
  await victim.waitForLine(/^running$/);
  victim.signal('SIGKILL');
  await victim.waitForExit();
  const heir = runApp('test/app/queue-stalled.cjs', { env });
  try {
    const url = await metricsUrlOf(heir);
    await Promise.all([heir.waitForLine(/^event stalled$/), heir.waitForLine(/^running$/)]);
    await eventually('it is counted', async () => {
      const [[labels, count] = ['', 0]] = Object.entries(seriesOf((await scrape(url)).text, 'sietch_queue_stalled_total'));
      return labels.includes('messaging_destination_name="webhooks"') && count === 1;
    });
  } finally {
    await heir.stop();
  }
});
