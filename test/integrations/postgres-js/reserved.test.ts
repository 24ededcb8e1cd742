// Connections that are reserved, idle and not given back.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { postgresJsProject } from '../../support/postgres-js.ts';
import { freshDatabase } from '../../support/servers.ts';

test('one that is forgotten is reported once, with the place where it was reserved', { timeout: INSTALLING_MS }, async () => {
  const folder = await postgresJsProject('3.4.9');
  const args = [await freshDatabase()];
  const env = { SIETCH_OTEL_PG_LEAK_MS: '400', SIETCH_OTEL_PG_CHECKOUT_STACKS: 'on', SIETCH_OTEL_BANNER: 'off' };
  const [app, bare] = [
    runApp(join(folder, 'reserved.cjs'), { args, env, cwd: folder }),
    runApp(join(folder, 'reserved.cjs'), { args, cwd: folder, preload: 'none' }),
  ];
  try {
    await bare.waitForLine(/^all reserved$/);
    bare.send({});
    await app.waitForLine(/SIETCH235/);
    app.send({});
    const { code, stdout, stderr } = await app.waitForExit();
    expect({ code, stdout }).toEqual({ code: 0, stdout: (await bare.waitForExit()).stdout });
    const lines = stderr.split('\n').filter((line) => line.includes('SIETCH235'));
    expect(lines).toEqual([expect.stringMatching(/by no request or job \d+ s ago, at forgetful \(.*reserved\.cjs:\d+:\d+\)/)]);
    expect(stderr).not.toContain('secret');
  } finally {
    await app.stop();
    await bare.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
