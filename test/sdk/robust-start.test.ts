// What is odd around the start must not touch the app: not its run, not what it prints on stdout.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ENV } from '../exit/exit-ways.ts';
import { runApp } from '../support/app.ts';
import { ROOT } from '../support/checkout.ts';
import { startReceiver } from '../support/otlp.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-start-'));
  folders.push(folder);
  return folder;
}

const NATURAL = { args: ['natural'] };

test.for(['debug', 'all'])('OTEL_LOG_LEVEL=%s: diagnostics are on stderr, never among the data on stdout', async (level) => {
  const receiver = await startReceiver();
  const env = { ...ENV, OTEL_LOG_LEVEL: level };
  const { code, stdout, stderr } = await runApp('test/app/exit-ways.cjs', { ...NATURAL, receiver, env }).waitForExit();
  await receiver.close();
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'ending\n' });
  expect(stderr).toMatch(/^\[sietch-otel\] debug /m);
});

test.for(['bundle.js', 'start.js'])('a damaged installation (%s): the app runs, and one line says so', async (file) => {
  const folder = makeFolder();
  cpSync(join(ROOT, 'dist'), folder, { recursive: true });
  writeFileSync(join(folder, file), '');
  const nodeArgs = ['--require', join(folder, 'register.js')];
  const exit = await runApp('test/app/exit-ways.cjs', { ...NATURAL, preload: 'none', nodeArgs, env: ENV }).waitForExit();
  expect(exit).toMatchObject({ code: 0, stdout: 'ending\n' });
  expect(exit.stderr).toMatch(
    /^\[sietch-otel\] error SIETCH001 the distribution did not start: [^\n]+ Remedy: install @sietch\/otel again; [^\n]+\n$/,
  );
});

test('a working directory that was removed, as deployments do: the app is observed', async () => {
  const receiver = await startReceiver();
  const folder = makeFolder();
  const [leave, current] = [join(folder, 'leave.cjs'), join(folder, 'current')];
  mkdirSync(current);
  writeFileSync(leave, `process.chdir(${JSON.stringify(current)}); require('node:fs').rmdirSync(${JSON.stringify(current)});`);
  const env = { ...ENV, NODE_OPTIONS: `--require ${leave}` };
  const exit = await runApp('test/app/exit-ways.cjs', { ...NATURAL, receiver, env }).waitForExit();
  expect(exit).toEqual({ code: 0, signal: null, stdout: 'ending\n', stderr: '' });
  expect(receiver.store.spans.map(({ name }) => name)).toEqual(['work']);
  await receiver.close();
});

test('pipes where files are looked for (package.json, a certificate): the start waits for nobody', async () => {
  const folder = makeFolder();
  const app = join(folder, 'app.cjs');
  writeFileSync(app, 'console.log("ran")');
  execFileSync('mkfifo', [join(folder, 'package.json'), join(folder, 'ca.pem')]);
  const env = { ...ENV, OTEL_EXPORTER_OTLP_CERTIFICATE: join(folder, 'ca.pem') };
  const exit = await runApp(app, { receiver: { url: 'https://127.0.0.1:1' }, env }).waitForExit();
  expect(exit).toMatchObject({ code: 0, stdout: 'ran\n' });
  expect(exit.stderr).toContain('SIETCH094');
});
