// The doctor as people run it: what it prints, how it ends, how it treats the app. faults.test.ts is about what it finds.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runApp } from '../support/app.ts';
import { eventually } from '../support/eventually.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { API, codesOf, doctor, makeFolder, runDoctor, startDoctor, WORK } from './doctor-run.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The path of an app with this text. */
function app(text: string): string {
  const folder = makeFolder({ 'package.json': '{"name":"shop"}', 'app.cjs': text });
  folders.push(folder);
  return join(folder, 'app.cjs');
}

const healthy = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });

test('a healthy app', async () => {
  const exit = await runDoctor(['--for', '20', '--', 'node', app(WORK)], healthy());
  expect(exit).toMatchObject({ code: 0, stdout: 'Nothing found that keeps telemetry from arriving.\n' });
});

test('for people: code, cause, detail, remedy; exit code 1; what the app prints goes to stderr', async () => {
  const exit = await runDoctor(['--for', '20', '--', 'node', app(`${WORK}console.log('hello'); console.error('there');`)], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
  });
  expect(exit.code).toBe(1);
  expect(exit.stdout).toMatch(
    /^SIETCH111 {2}connection refused: nobody listens where the collector should be\n {11}http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED\n {11}Remedy: start the collector, or correct host and port$/m,
  );
  // Symptoms are not told beside their cause.
  expect(exit.stdout).not.toMatch(/SIETCH09[0125]/);
  expect(exit.stderr.split('\n').sort().filter(Boolean)).toEqual(['hello', 'there']);
});

test('several at once, each once, by their codes', async () => {
  const env = {
    ...healthy(),
    SIETCH_OTEL_INSTRUMENTATIONS: 'no-such-thing',
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'nonsense',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_CERTIFICATE: '/no/such/file',
  };
  const run = await doctor(['node', app(WORK)], env);
  expect(codesOf(run)).toEqual(['SIETCH010', 'SIETCH093', 'SIETCH094']);
  // A detail does not begin in the middle of a sentence.
  for (const { detail = '' } of run) expect(detail).toMatch(/^[^:;, ]/);
});

test('an app that takes the diagnostics to a logger of its own does not hide what is wrong', async () => {
  const silent = '{ error() {}, warn() {}, info() {}, debug() {}, verbose() {} }';
  const told = await doctor(['node', app(`require(${API}).diag.setLogger(${silent}, 30);`)], healthy());
  expect(codesOf(told)).toEqual(['SIETCH132']);
});

test('without a command: environment and collector', async () => {
  expect(codesOf(await doctor(undefined, { ...healthy(), OTEL_SDK_DISABLED: 'true' }))).toEqual(['SIETCH100']);
});

test('a server that goes on is watched and then ended', async () => {
  const serving = `${WORK}setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });`;
  const exit = await runDoctor(['--for', '3', '--', 'node', app(serving)], healthy());
  expect(exit).toMatchObject({ code: 0, stderr: 'drained\n' });
});

/** Started by npm, as a shell starts it: npm and the shell hold its output too. */
function npmApp(text: string): string[] {
  const folder = makeFolder({ 'package.json': '{"name":"shop","scripts":{"start":"node app.cjs"}}', 'app.cjs': text });
  folders.push(folder);
  return ['npm', '--prefix', folder, 'start'];
}

const SERVING = `${WORK}console.log('serving', process.pid);setInterval(() => {}, 1000);`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Who has been killed is there until somebody takes note of it. */
const ended = (pid: number) => eventually(`process ${pid} has ended`, () => !isRunning(pid));

const servingPid = (text: string): number => Number(/serving (\d+)/.exec(text)?.[1]);

test.for([
  ['ends by the signal', SERVING],
  ['ignores the signal', `process.on('SIGTERM', () => {});${SERVING}`],
] as const)('behind npm and a shell, an app that %s: the doctor returns and nothing is left', async ([, text]) => {
  const exit = await runDoctor(['--for', '2', '--', ...npmApp(text)], healthy());
  expect(exit).toMatchObject({ code: 0, stdout: 'Nothing found that keeps telemetry from arriving.\n' });
  await ended(servingPid(exit.stderr));
});

test('a process that leaves the group and holds the output does not hold the doctor', async () => {
  const leave = "require('node:child_process').spawn('sleep', ['120'], { detached: true, stdio: 'inherit' });";
  const exit = await runDoctor(['--for', '2', '--', 'node', app(`${leave}${SERVING}`)], healthy());
  expect(exit.code).toBe(0);
});

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends the doctor, with the app and what was found', async ([signal, code]) => {
  const running = startDoctor(['--for', '600', '--', ...npmApp(SERVING)], { ...healthy(), OTEL_PROPAGATORS: 'b3' });
  const [, pid] = await running.waitForLine(/serving (\d+)/);
  running.signal(signal);
  const exit = await running.waitForExit();
  expect(exit).toMatchObject({ code, stdout: expect.stringContaining('SIETCH122') });
  await ended(Number(pid));
});

test('an app that loads for longer than it is watched is watched from when it is loaded', async () => {
  const busy = 'const end = Date.now() + 4000; while (Date.now() < end);';
  const exit = await runDoctor(['--for', '2', '--', 'node', app(`${busy}${SERVING}`)], healthy());
  expect(exit).toMatchObject({ code: 0, stdout: 'Nothing found that keeps telemetry from arriving.\n' });
});

test('an app whose stderr does not reach the doctor is not taken for healthy', async () => {
  const silent = ['sh', '-c', 'exec node "$0" 2>/dev/null', app(WORK)];
  expect(codesOf(await doctor(silent, healthy()))).toEqual(['SIETCH134']);
});

test('behind a runner that puts its mark before each line, findings are read all the same', async () => {
  const marked = ['sh', '-c', `node "$0" 2>&1 | sed 's/^/[0] /'`, app(WORK)];
  expect(codesOf(await doctor(marked, { ...healthy(), OTEL_BSP_MAX_QUEUE_SIZE: 'many' }))).toEqual(['SIETCH002']);
  expect(await doctor(marked, healthy())).toEqual([]);
});

test.for([[['--for', 'ever']], [['--frobnicate']], [['--for', '0']]])('%o is a usage error', async ([args = []]) => {
  expect(await runDoctor(args, healthy())).toMatchObject({ code: 2, stdout: '' });
});

test('in the process itself, when nothing has arrived after a while', async () => {
  const living = app(`${WORK}setTimeout(() => {}, 1500);`);
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/v1/traces`, SIETCH_OTEL_DIAGNOSE_AFTER_MS: '400', OTEL_SERVICE_NAME: 'shop' };
  const { stderr } = await runApp(living, { receiver, env }).waitForExit();
  expect(stderr).toMatch(
    /warn SIETCH116 the collector does not know the path: HTTP 404 from http:\/\/127\.0\.0\.1:\d+\/v1\/traces\/v1\/traces Remedy: /,
  );
  const quiet = { SIETCH_OTEL_DIAGNOSE_AFTER_MS: '400', SIETCH_OTEL_BANNER: 'off' };
  const { stderr: nothing } = await runApp(living, { receiver, env: quiet }).waitForExit();
  expect(nothing).toBe('');
});
