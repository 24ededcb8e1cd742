// The image for the OpenTelemetry Operator's auto-instrumentation: built by its own steps in an empty folder, put into a pod by the command that the operator gives to
// its init container, and preloaded by the NODE_OPTIONS that the operator sets, into apps that have no package of ours.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ROOT } from '../support/checkout.ts';
import { walkDockerfile } from '../support/dockerfile.ts';
import { nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, type SpanNode, spanTree, startReceiver } from '../support/otlp.ts';
import { runWebApp } from '../support/web-app.ts';
import { type EnvVar, environmentOf, podOf } from './manifests.ts';

const run = promisify(execFile);
const MOUNT = '/otel-auto-instrumentation-nodejs';

/** What a kubelet knows of the pod. */
const FIELDS = {
  'metadata.name': 'shop-5d9c7b6f4-x2x7k',
  'metadata.namespace': 'payments',
  'metadata.uid': '9ddb6b4c-4a5f-4cd0-b1e3-9b0e2b1a7c55',
  'spec.nodeName': 'node-7',
  'status.hostIP': '10.0.0.7',
  'status.podIP': '10.1.2.3',
};

/** What the operator adds to a container: internal/instrumentation/{sdk,nodejs}.go of open-telemetry/opentelemetry-operator 0.158, for operator.yaml. */
const INJECTED: readonly EnvVar[] = [
  { name: 'OTEL_NODE_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
  { name: 'OTEL_POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  { name: 'OTEL_METRICS_EXPORTER', value: 'prometheus' },
  { name: 'OTEL_EXPORTER_PROMETHEUS_HOST', value: '0.0.0.0' },
  { name: 'NODE_OPTIONS', value: ` --require ${MOUNT}/autoinstrumentation.js` },
  { name: 'OTEL_SERVICE_NAME', value: 'shop' },
  { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://otel-collector.observability.svc:4318' },
  { name: 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: 'OTEL_PROPAGATORS', value: 'tracecontext,baggage' },
  {
    name: 'OTEL_RESOURCE_ATTRIBUTES',
    value:
      'deployment.environment.name=production,k8s.container.name=shop,k8s.deployment.name=shop,k8s.namespace.name=payments,k8s.node.name=$(OTEL_RESOURCE_ATTRIBUTES_NODE_NAME),k8s.pod.name=$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME),service.instance.id=payments.$(OTEL_RESOURCE_ATTRIBUTES_POD_NAME).shop,service.namespace=payments,service.version=1.0.0',
  },
];

const RESOURCE = {
  'service.name': 'shop',
  'service.version': '1.0.0',
  'service.namespace': 'payments',
  'service.instance.id': 'payments.shop-5d9c7b6f4-x2x7k.shop',
  'deployment.environment.name': 'production',
  'k8s.namespace.name': 'payments',
  'k8s.pod.name': 'shop-5d9c7b6f4-x2x7k',
  'k8s.node.name': 'node-7',
  'k8s.deployment.name': 'shop',
  'k8s.container.name': 'shop',
};

let folder: string;
/** What is mounted into the pod. */
let mounted: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sietch-otel-kubernetes-'));
  const { directory: content } = await walkDockerfile(join(ROOT, 'deploy/kubernetes/Dockerfile'), {
    context: ROOT,
    root: join(folder, 'image'),
  });
  mounted = join(folder, 'volume');
  mkdirSync(mounted);
  await run('cp', ['-r', `${content}/.`, mounted]);
}, 900_000);
afterAll(() => rm(folder, { recursive: true, force: true }), 600_000);

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** As the kubelet gives it to node, but for where things are on this machine. */
function inPod(variables: readonly EnvVar[]): Record<string, string> {
  const { NODE_OPTIONS = '', ...env } = environmentOf(variables, FIELDS);
  expect(NODE_OPTIONS).toContain(MOUNT);
  const here = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' };
  return { ...env, NODE_OPTIONS: NODE_OPTIONS.replace(MOUNT, mounted), ...here };
}

const ROUTES = `
const app = express();
app.get('/orders/:id', async (request, response) => {
  await (await fetch(\`http://127.0.0.1:\${server.address().port}/stock/\${request.params.id}\`)).text();
  response.end('ok');
});
app.get('/stock/:id', (_request, response) => { work(() => response.end('ok')); });
const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.once('message', () => process.exit(0));
process.once('disconnect', () => process.exit(0));
`;
const PLAIN = 'const work = (next) => next();\n';
const SPAN = "const work = (next) => trace.getTracer('shop').startActiveSpan('count', (span) => { span.end(); next(); });\n";

const APPS = {
  CommonJS: ['app.cjs', `const express = require('express');\n${PLAIN}${ROUTES}`],
  'ES module': ['app.mjs', `import express from 'express';\n${PLAIN}${ROUTES}`],
  'CommonJS with its own @opentelemetry/api': [
    'own.cjs',
    `const express = require('express');\nconst { trace } = require('@opentelemetry/api');\n${SPAN}${ROUTES}`,
  ],
  'ES module with its own @opentelemetry/api': [
    'own.mjs',
    `import express from 'express';\nimport { trace } from '@opentelemetry/api';\n${SPAN}${ROUTES}`,
  ],
} as const;

/** A folder as the image of an app has it: Express, its own @opentelemetry/api where it wants one, nothing of ours. */
function appFolder(name: string, [file, text]: readonly [string, string]): string {
  const app = join(folder, 'apps', name.replace(/\W+/g, '-'));
  const modules = join(app, 'node_modules');
  mkdirSync(modules, { recursive: true });
  symlinkSync(realpathSync(join(ROOT, 'node_modules/express')), join(modules, 'express'));
  if (text.includes('@opentelemetry/api'))
    cpSync(realpathSync(join(ROOT, 'node_modules/@opentelemetry/api')), join(modules, '@opentelemetry/api'), { recursive: true });
  writeFileSync(join(app, file), text);
  return join(app, file);
}

const leaf = (name: string, kind: SpanNode['kind'], ...children: SpanNode[]): SpanNode => ({ name, kind, status: 'UNSET', children });

// GET /orders/:id       SERVER
// └─ GET                CLIENT
//    └─ GET /stock/:id  SERVER
//       └─ count        INTERNAL   by the app's own copy of the API
const expected = (...own: SpanNode[]) => leaf('GET /orders/:id', 'SERVER', leaf('GET', 'CLIENT', leaf('GET /stock/:id', 'SERVER', ...own)));

async function traceOf(file: string, env: Record<string, string>, node = process.execPath) {
  const { app, ask } = await runWebApp(file, { cwd: dirname(file), preload: 'none', receiver, node, env });
  const { headers } = await ask('/orders/17');
  const count = file.includes('own.') ? 4 : 3;
  const spans = await receiver.store.waitForTrace(String(headers['x-trace-id']), (arrived) => arrived.length >= count);
  const { stderr } = await app.stop();
  expect(stderr.split('\n').filter((line) => / (warn|error) SIETCH/.test(line))).toEqual([]);
  return spans;
}

test('the layout is what the operator expects, and any user can read all of it', () => {
  expect(readdirSync(mounted)).toEqual(expect.arrayContaining(['autoinstrumentation.js', 'node_modules', 'package.json']));
  for (const name of readdirSync(mounted, { recursive: true, encoding: 'utf8' })) {
    const { mode } = statSync(join(mounted, name));
    expect(mode & 0o004, name).toBe(0o004);
  }
  // Nothing that only the build needs.
  expect(existsSync(join(mounted, 'node_modules/typescript'))).toBe(false);
});

test.each(Object.entries(APPS))('an app that the operator has injected into: %s', async (name, app) => {
  const spans = await traceOf(appFolder(name, app), inPod(INJECTED));
  expect(spanTree(spans)).toEqual([expected(...(name.includes('own') ? [leaf('count', 'INTERNAL')] : []))]);
  for (const { resource } of spans) expect(resource).toMatchObject(RESOURCE);
});

test.each(['24', '26'] as const)('an ES module on Node %s', { timeout: INSTALLING_MS }, async (major) => {
  const node = await nodeBinary(major);
  const spans = await traceOf(appFolder(`node ${major}`, APPS['ES module']), inPod(INJECTED), node);
  expect(spanTree(spans)).toEqual([expected()]);
});

test('init-container.yaml, without the operator: the same trace and the same resource', async () => {
  const { containers, initContainers = [] } = podOf('init-container.yaml').spec;
  expect(initContainers.map(({ command }) => command)).toEqual([['cp', '-r', '/autoinstrumentation/.', MOUNT]]);
  const spans = await traceOf(appFolder('init container', APPS['ES module']), inPod(containers[0]?.env ?? []));
  expect(spanTree(spans)).toEqual([expected()]);
  for (const { resource } of spans) expect(resource).toMatchObject({ ...RESOURCE, 'k8s.pod.uid': FIELDS['metadata.uid'] });
});

test('OTLP over gRPC is in the image', async () => {
  const script =
    "require('@opentelemetry/exporter-trace-otlp-grpc'); require('@opentelemetry/exporter-metrics-otlp-grpc'); require('@opentelemetry/exporter-logs-otlp-grpc')";
  await run(process.execPath, ['--eval', script], { cwd: mounted });
});
