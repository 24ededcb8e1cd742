// docs/guides/docker.md: its Dockerfile, walked in an empty folder with the package as npm would have it, gives an image whose CMD starts an app that is
// observed, as the user that the image names.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, createReadStream, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AppOptions, runApp } from '../support/app.ts';
import { isRoot } from '../support/cache.ts';
import { ROOT } from '../support/checkout.ts';
import { type Image, walkDockerfile } from '../support/dockerfile.ts';
import { type NodeMajor, nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, spanTree, startReceiver } from '../support/otlp.ts';
import { packPackage } from '../support/packed-package.ts';
import { ask } from '../support/web-app.ts';
import { guideFiles } from './guide-files.ts';

const run = promisify(execFile);
const GUIDE = 'docker.md';
const MAJORS: readonly NodeMajor[] = ['20', '22', '24', '26'];

const APP = `
const server = require('node:http').createServer((request, response) => response.end(String(process.getuid())));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
`;

let folder: string;
let registry: Server;
let image: Image;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  // Below /var/tmp, since the temporary folder of a user may be closed to others.
  folder = mkdtempSync('/var/tmp/sietch-otel-docker-');
  chmodSync(folder, 0o755);
  const tarball = await packPackage(folder);
  registry = createServer((_request, response) => createReadStream(tarball).pipe(response)).listen(0, '127.0.0.1');
  await once(registry, 'listening');
  const address = registry.address();
  const port = typeof address === 'object' && address !== null ? address.port : expect.fail();
  const context = join(folder, 'context');
  mkdirSync(context);
  const dependencies = { '@sietch/otel': `http://127.0.0.1:${port}/sietch-otel.tgz` };
  writeFileSync(join(context, 'package.json'), JSON.stringify({ name: 'shop', version: '1.0.0', dependencies }));
  writeFileSync(join(context, 'app.js'), APP);
  writeFileSync(join(context, 'Dockerfile'), guideFiles(GUIDE).get('Dockerfile') ?? expect.fail('no Dockerfile'));
  await run('npm', ['install', '--package-lock-only', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: context });
  image = await walkDockerfile(join(context, 'Dockerfile'), { context, root: join(folder, 'image') });
}, INSTALLING_MS);
afterAll(async () => {
  registry?.close();
  await receiver?.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** The image's own entry point is node of the version in its name; distroless has no PATH of a user's, and no home. */
async function startImage(options: AppOptions) {
  const major = MAJORS.find((each) => image.base.includes(`nodejs${each}-`)) ?? expect.fail(image.base);
  const [file = '', ...args] = image.command;
  const user = isRoot() ? { uid: Number(image.user) } : {};
  // As in the image, where that user may start it.
  const node = join(folder, 'node');
  if (!existsSync(node)) copyFileSync(await nodeBinary(major), node);
  const env = { ...image.env, PATH: undefined, HOME: undefined, ...options.env };
  return runApp(join(image.directory, file), {
    ...user,
    ...options,
    node,
    args,
    cwd: image.directory,
    preload: 'none',
    env,
  });
}

test('the trace of a request arrives, at SIGTERM at the latest, from a user without name, home and rights', async () => {
  // Longer than the test: what arrives, arrives because of the signal.
  const app = await startImage({ receiver, env: { OTEL_BSP_SCHEDULE_DELAY: '60000' } });
  const port = await app.waitForMessage((message) =>
    typeof message === 'object' && message !== null && 'port' in message ? message.port : undefined,
  );
  const answer = await ask(`http://127.0.0.1:${port}/orders/17`);
  expect(answer.body).toBe(isRoot() ? image.user : String(process.getuid?.()));
  const [banner] = await app.waitForLine(/^\[sietch-otel\] \d.*$/m);
  app.signal('SIGTERM');
  const { signal, stderr } = await app.waitForExit();
  expect(signal).toBe('SIGTERM');
  const spans = receiver.store.spans.filter(({ traceId }) => traceId === answer.headers['x-trace-id']);
  expect(spanTree(spans)).toEqual([{ name: 'GET', kind: 'SERVER', status: 'UNSET', children: [] }]);
  expect(spans[0]?.resource).toMatchObject({ 'service.name': 'shop', 'service.version': '1.0.0' });
  expect(stderr).not.toMatch(/SIETCH\d/);
  expect(banner).toMatch(lineOfGuide());
});

/** The line that the guide shows, for this collector and this version. */
function lineOfGuide(): RegExp {
  const text = readFileSync(join(ROOT, 'docs/guides', GUIDE), 'utf8');
  const [line = ''] = /^\[sietch-otel\] .*$/m.exec(text) ?? expect.fail('no line');
  const here = line.replace('http://otel-collector:4318', receiver.url).replace(/[.*+?()[\]]/g, '\\$&');
  return new RegExp(
    `^${here
      .replace(/ \d[\d\\.]* service/, ' \\S+ service')
      .replace(':9464', ':\\d+')
      .replace('…', '.*')}$`,
  );
}
