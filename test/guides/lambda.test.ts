// docs/guides/lambda.md: one invocation is one trace, and it has arrived when Lambda stops the process, which is when it has the answer.
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type App, runApp } from '../support/app.ts';
import { cacheDirectory } from '../support/cache.ts';
import { type NodeMajor, nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS, installedPackages } from '../support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from '../support/otlp.ts';
import { guideFiles } from './guide-files.ts';

let receiver: Receiver;
let folder: string;
const servers: Server[] = [];
beforeEach(async () => {
  receiver = await startReceiver();
  folder = mkdtempSync(join(tmpdir(), 'sietch-otel-lambda-'));
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : expect.fail();
}

/** Gives two invocations; stops the process at each answer, notes how many invocations have arrived by then, and lets it run again for the next one. */
async function invokeTwice(start: (api: string) => App): Promise<{ answers: unknown[]; arrived: number[]; app: App }> {
  const answers: unknown[] = [];
  const arrived: number[] = [];
  let app: App | undefined;
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  const api = await serve((request, response) => {
    if (request.url?.endsWith('/next') === true) {
      if (answers.length < 2) response.setHeader('lambda-runtime-aws-request-id', `id-${answers.length}`).end('{"id":17}');
      return;
    }
    app?.signal('SIGSTOP');
    arrived.push(receiver.store.spans.filter(({ name }) => name === 'shop').length);
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      answers.push(JSON.parse(text));
      if (answers.length === 2) return ended();
      response.end();
      app?.signal('SIGCONT');
    });
  });
  app = start(api);
  await Promise.race([end, app.waitForExit(30_000).then((exit) => expect.fail(exit.stderr))]);
  return { answers, arrived, app };
}

const leaf = (name: string, kind: string, ...children: unknown[]) => ({ name, kind, status: 'UNSET', children });

// shop      SERVER    the invocation
// └─ GET    CLIENT    fetch
const INVOCATION = leaf('shop', 'SERVER', leaf('GET', 'CLIENT'));

async function invoke(major: NodeMajor, file: string) {
  const modules = await installedPackages(join(cacheDirectory('lambda'), '0.75.0'), {
    '@opentelemetry/instrumentation-aws-lambda': '0.75.0',
  });
  writeFileSync(join(folder, 'package.json'), '{ "name": "shop", "version": "1.0.0" }');
  const code = guideFiles('lambda.md').get('index.js') ?? expect.fail();
  writeFileSync(join(folder, file), file.endsWith('.mjs') ? code.replace('exports.handler =', 'export const handler =') : code);
  symlinkSync(modules, join(folder, 'node_modules'));
  const stock = await serve((_request, response) => response.end('3'));
  const node = await nodeBinary(major);
  const { answers, arrived, app } = await invokeTwice((api) =>
    runApp('test/app/lambda-runtime.mjs', {
      node,
      receiver,
      cwd: folder,
      env: {
        AWS_LAMBDA_RUNTIME_API: api,
        LAMBDA_TASK_ROOT: folder,
        _HANDLER: 'index.handler',
        STOCK_URL: `http://${stock}`,
        SIETCH_OTEL_INSTRUMENTATIONS: 'aws-lambda',
        OTEL_METRICS_EXPORTER: 'none',
        // Longer than any invocation: what arrives, arrives because of its end.
        OTEL_BSP_SCHEDULE_DELAY: '60000',
      },
    }),
  );
  app.signal('SIGKILL');
  expect(answers).toEqual([
    { statusCode: 200, body: '3' },
    { statusCode: 200, body: '3' },
  ]);
  const invocations = spanTree(receiver.store.spans).filter(({ name }) => name === 'shop');
  return { invocations, arrived };
}

test.each(['20', '22', '24'] as const)('Node %s', { timeout: INSTALLING_MS }, async (major) => {
  expect(await invoke(major, 'index.js')).toEqual({ invocations: [INVOCATION, INVOCATION], arrived: [1, 2] });
});

test('an ES module answers as ever, and is not seen', { timeout: INSTALLING_MS }, async () => {
  expect(await invoke('24', 'index.mjs')).toEqual({ invocations: [], arrived: [0, 0] });
});
