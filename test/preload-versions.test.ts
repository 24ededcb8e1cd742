// The same service as CommonJS and as ES module, by --require and by --import, on every line of Node that is supported: the same spans and log lines.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Preload, preloadArgs } from './support/app.ts';
import { INSTALLING_MS } from './support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from './support/otlp.ts';
import { nodeForTest } from './support/requirements.ts';
import { runWebApp } from './support/web-app.ts';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

const ways: readonly (readonly [file: string, preload: Preload])[] = [
  ['test/app/service.cjs', 'require'],
  ['test/app/service.cjs', 'import'],
  ['test/app/service.mjs', 'require'],
  ['test/app/service.mjs', 'import'],
  ['test/app/service.mjs', 'both'],
];

/** What a run looks like from outside, without ids and times. */
async function observe(node: string, file: string, preload: Preload): Promise<unknown> {
  const { app, ask, url } = await runWebApp(file, { receiver, node, preload });
  const answer = await ask(`/fetch?to=${encodeURIComponent(`${url}/http?to=${url}/hello`)}`);
  const traceId = String(answer.headers['x-trace-id']);
  const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.length >= 5);
  const { stderr, stdout, code } = await app.stop();
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return {
    code,
    tree: spanTree(spans),
    correlated: lines.filter((line) => JSON.parse(line).trace_id === traceId).length,
    startUpLines: stderr.split('\n').filter((line) => line.includes(' service "')).length,
    problems: stderr.split('\n').filter((line) => /\] (warn|error) |Warning/.test(line)),
  };
}

const span = (kind: string, ...children: unknown[]) => ({ name: 'GET', kind, status: 'UNSET', children });

// GET              SERVER
//   GET            CLIENT, fetch
//     GET          SERVER
//       GET        CLIENT, http.get
//         GET      SERVER
const EXPECTED = {
  code: 0,
  tree: [span('SERVER', span('CLIENT', span('SERVER', span('CLIENT', span('SERVER')))))],
  correlated: 3,
  startUpLines: 1,
  problems: [],
};

test.each(['20', '22', '24', '26'] as const)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const node = await nodeForTest(major);
  const observed = await Promise.all(ways.map(([file, preload]) => observe(node, file, preload)));
  expect(observed).toEqual(ways.map(() => EXPECTED));
});

const run = promisify(execFile);
const inline = [
  ['-e', 'console.log(require("node:module").builtinModules.length > 0)'],
  ['-p', 'true'],
  ['--input-type=module', '-e', 'import { builtinModules } from "module"; console.log(builtinModules.length > 0)'],
];
test.each(['20', '22', '24', '26'] as const)('a program on the command line, Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const node = await nodeForTest(major);
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], OTEL_EXPORTER_PROMETHEUS_PORT: '0', OTEL_TRACES_EXPORTER: 'none' };
  const outputs = await Promise.all(inline.map((args) => run(node, [...preloadArgs({ preload: 'require' }), ...args], { env })));
  expect(outputs.map(({ stdout }) => stdout.trim())).toEqual(['true', 'true', 'true']);
});
