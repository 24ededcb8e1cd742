// Clients that are checked out, idle and not given back.
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { freshDatabase } from '../../support/servers.ts';

async function reports(env: Record<string, string>): Promise<string[]> {
  const url = await freshDatabase();
  const app = runApp('test/app/pg-leaks.js', { args: [url], env: { SIETCH_OTEL_PG_LEAK_MS: '400', SIETCH_OTEL_BANNER: 'off', ...env } });
  try {
    await app.waitForLine(/^all checked out$/);
    // The last that is forgotten is in no request; what was forgotten before it is older.
    await app.waitForLine(/SIETCH235.*by no request or job/);
    app.send({});
    const { code, stderr } = await app.waitForExit();
    expect(code).toBe(0);
    expect(stderr).not.toContain('secret');
    return stderr.split('\n').filter((line) => line.includes('SIETCH235'));
  } finally {
    await app.stop();
  }
}

test('each place is reported once, with who holds it, how to find the place and how long it is held', async () => {
  const [request, last, ...more] = await reports({});
  expect(more).toEqual([]);
  expect(request).toMatch(/not given back: pool 127\.0\.0\.1:\d+\/\w+, by route \/orders\/:id \d+ s ago Remedy:.*CHECKOUT_STACKS=on/);
  expect(last).toContain('by no request or job');
});

test('with SIETCH_OTEL_PG_CHECKOUT_STACKS=on the place is named', async () => {
  const [request, last, ...more] = await reports({ SIETCH_OTEL_PG_CHECKOUT_STACKS: 'on' });
  expect(more).toEqual([]);
  expect(request).toMatch(/by route \/orders\/:id \d+ s ago, at loadOrder \(.*pg-leaks\.js:\d+:\d+\) at .*Remedy: release it/);
  expect(last).toMatch(/at forgetful \(.*pg-leaks\.js:\d+:\d+\)/);
});

test('0 reports none', async () => {
  const app = runApp('test/app/pg-leaks.js', {
    args: [await freshDatabase()],
    env: { SIETCH_OTEL_PG_LEAK_MS: '0', SIETCH_OTEL_BANNER: 'off' },
  });
  await app.waitForLine(/^all checked out$/);
  app.send({});
  expect((await app.waitForExit()).stderr).not.toContain('SIETCH235');
});
