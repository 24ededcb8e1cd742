import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from './app.ts';
import { eventually } from './eventually.ts';
import { endChild, spawnGuarded, whenEnded } from './guarded-process.ts';

/** There, and not a zombie that only waits for its parent. Read from /proc where there is one: a bare Debian has no `ps`. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !existsSync('/proc/self/stat') || !/\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('a SIGKILLed run leaves no server, no app, no child of an app and no folder', async () => {
  // Servers make their folders in TMPDIR.
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-orphans-'));
  execFileSync('chmod', ['1777', folder]);
  const run = runApp('test/fixtures/start-servers.ts', { preload: 'none', env: { TMPDIR: folder } });
  try {
    const [line] = await run.waitForLine(/^\{"pids".*\}$/, 60_000);
    const { pids }: { pids: number[] } = JSON.parse(line);
    expect(pids.map(isRunning)).toEqual([true, true, true, true]);
    expect(readdirSync(folder).filter((name) => name.startsWith('sietch-otel-'))).toHaveLength(2);

    run.signal('SIGKILL');
    await eventually('all processes have ended', () => !pids.some(isRunning));
    await eventually('the folders are gone', () => !readdirSync(folder).some((name) => name.startsWith('sietch-otel-')));
  } finally {
    await run.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

test('pid, exit status and signals are those of the command', async () => {
  const child = spawnGuarded({
    command: process.execPath,
    args: ['-e', 'console.log(process.pid); setTimeout(() => process.exit(5), 50)'],
  });
  const [printed] = await Promise.all([new Promise((resolve) => child.stdout?.once('data', resolve)), whenEnded(child)]);
  expect(Number(String(printed))).toBe(child.pid);
  expect(child.exitCode).toBe(5);

  const killed = spawnGuarded({ command: 'sleep', args: ['60'] });
  await endChild(killed, 'SIGTERM');
  expect(killed.signalCode).toBe('SIGTERM');
});

test('a folder given to the guard stays when its process just ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-guard-'));
  await whenEnded(spawnGuarded({ command: 'true', removeDirectory: folder }));
  expect(existsSync(folder)).toBe(true);
  rmSync(folder, { recursive: true });
});
