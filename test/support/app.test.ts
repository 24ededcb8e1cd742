import { afterEach, expect, test } from 'vitest';
import { type App, runApp } from './app.ts';

const apps: App[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.stop()));
});

function start(...options: Parameters<typeof runApp>): App {
  const app = runApp(...options);
  apps.push(app);
  return app;
}

test('output, exit code and the receiver in the environment', async () => {
  const app = start('test/app/hello.mjs', {
    preload: 'none',
    args: ['7'],
    receiver: { url: 'http://127.0.0.1:1' },
    env: { PATH: undefined },
  });
  const exit = await app.waitForExit();
  expect(exit).toEqual({
    code: 7,
    signal: null,
    stdout: `hello from node ${process.version}\nendpoint http://127.0.0.1:1\n`,
    stderr: 'a line of stderr\n',
  });
});

test('lines, messages and signals', async () => {
  const app = start('test/app/hello.mjs', { preload: 'none' });
  expect((await app.waitForLine(/from node (v\d+)/))[1]).toBe(process.version.split('.')[0]);
  await app.waitForLine(/^ready$/);
  app.send({ hello: 1 });
  expect(await app.waitForMessage((message) => message)).toEqual({ echo: { hello: 1 } });
  app.signal('SIGTERM');
  expect(await app.waitForExit()).toMatchObject({ code: 3, signal: null, stdout: expect.stringMatching(/got SIGTERM\n$/) });
});

test('a line that cannot come any more fails at once, with the output', async () => {
  const app = start('test/app/hello.mjs', { preload: 'none', args: ['0'] });
  await expect(app.waitForLine(/never/)).rejects.toThrow(/ended without line \/never\/[\s\S]*a line of stderr/);
});

test('an app that does not end is killed at the deadline', async () => {
  const app = start('test/app/hello.mjs', { preload: 'none' });
  await app.waitForLine(/^ready$/);
  await expect(app.waitForExit(50)).rejects.toThrow(/had not ended after 50 ms/);
  expect(app.child.signalCode).toBe('SIGKILL');
});
