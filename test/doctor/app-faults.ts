// Causes that show only in the running app: how it is started, and what is in the process.
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { ROOT } from '../support/checkout.ts';
import { freshRedis } from '../support/servers.ts';
import { API, IMPORT_API, PRELOADED, WORK } from './doctor-run.ts';
import type { Bench, Case, Fault } from './fault.ts';

const module = (name: string): string => JSON.stringify(join(ROOT, 'node_modules', name));
const healthy = (bench: Bench): Case => ({ command: bench.app(WORK) });
/** A package of the app. */
const fake = (name: string, version: string, text = ''): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
  [`node_modules/${name}/index.js`]: text,
});
/** Runs the app behind another preload. */
const behind = (bench: Bench, preload: string, command = bench.app(WORK)): Case => ({
  env: { NODE_OPTIONS: `--require ${join(bench.folder({ 'early.cjs': preload }), 'early.cjs')} ${PRELOADED}` },
  command,
});

const PERMISSIONS = [
  process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission',
  '--allow-fs-read=*',
];

/** An app whose stderr is full when the distribution has something to say, and is read again at its next line. */
function appWithFullStderr(bench: Bench): Case {
  const app = bench.app(`${WORK}
    const { closeSync, openSync } = require('node:fs');
    const span = require(${API}).trace.getTracer('app').startSpan('work');
    const writeStderrTo = (file) => [closeSync(2), openSync(file, 'w')]; // The lowest number that is free.
    writeStderrTo('/dev/full');
    span.addEvent(1);
    writeStderrTo('/proc/self/fd/3');
    span.updateName(1);`);
  // The doctor's end is a socket, which cannot be opened by name.
  return { command: ['sh', '-c', '{ "$@" 3>&2; } 2>&1 | cat >&2', 'sh', ...app] };
}

function appWithCache(bench: Bench, mode: number): Case {
  const folder = bench.folder({});
  chmodSync(folder, mode);
  return { env: { SIETCH_OTEL_CODE_CACHE: folder }, command: bench.app(WORK) };
}

async function appWithQueue(bench: Bench, before: string): Promise<string[]> {
  const connection = { url: await freshRedis() };
  const queue = `new (require(${module('bullmq')}).Queue)('clocks', { connection: ${JSON.stringify(connection)} });`;
  return ['env', 'SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS=200', ...bench.app(`${before}${WORK}${queue}`)];
}

/** A process that takes one webhook, from a user of Redis who may do all but `forbidden`. */
async function appWithWebhooks(bench: Bench, settings: Readonly<Record<string, string>>, forbidden: readonly string[] = []): Promise<Case> {
  const redis = await bench.redis({ appendonly: 'yes', ...settings });
  const admin = new Client(redis.url);
  await admin.acl('SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', ...forbidden);
  admin.disconnect();
  const connection = redis.url.replace('redis://', 'redis://app:secret@');
  return {
    command: bench.app(`${WORK}
      const { WebhookQueue } = require(${JSON.stringify(join(ROOT, 'dist/webhooks/library.js'))});
      const queue = new WebhookQueue({ name: 'shop', connection: '${connection}', requireDurable: true });
      queue.enqueue({ id: '1', type: 'paid', payload: {} }).catch(() => {}).then(() => queue.close());`),
  };
}

/** A server that is called once, by a caller whose trace has these flags; what the app does itself is not traced. */
const calledWith = (flags: string): string => `
  const http = require('node:http');
  const server = http.createServer((request, response) => response.end()).listen(0, () => {
    const headers = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}' };
    const socket = require('node:net').connect(server.address().port, () => {
      socket.end('GET / HTTP/1.1\\r\\nhost: app\\r\\ntraceparent: ' + headers.traceparent + '\\r\\nconnection: close\\r\\n\\r\\n');
    });
    socket.resume().on('close', () => server.close());
  });`;

/** An app that is started where there is a `.env`. */
function inFolder(bench: Bench, variables: readonly string[]): Case {
  const folder = bench.folder({ '.env': '# of the app\nOTEL_TRACES_SAMPLER_ARG=0.5\n', 'app.cjs': WORK });
  return { command: ['sh', '-c', `cd "$1"; shift; exec env "$@" node app.cjs`, 'sh', folder, ...variables] };
}

export const appFaults: readonly Fault[] = [
  {
    // An installation that was cut off half-way; another one, whole, is preloaded by the doctor.
    code: 'SIETCH001',
    broken: (bench) => {
      const damaged = join(bench.folder({}), 'dist');
      cpSync(join(ROOT, 'dist'), damaged, { recursive: true });
      writeFileSync(join(damaged, 'bundle.js'), '');
      return { env: { NODE_OPTIONS: `--require ${join(damaged, 'register.js')} ${PRELOADED}` }, command: bench.app(WORK) };
    },
    mended: healthy,
  },
  {
    code: 'SIETCH002',
    detail: /^OTEL_BSP_MAX_QUEUE_SIZE: expected an integer/,
    broken: (bench) => ({ command: ['env', 'OTEL_BSP_MAX_QUEUE_SIZE=many', ...bench.app(WORK)] }),
    mended: (bench) => ({ command: ['env', 'OTEL_BSP_MAX_QUEUE_SIZE=4096', ...bench.app(WORK)] }),
  },
  {
    code: 'SIETCH003',
    detail: /^http: /,
    broken: (bench) => behind(bench, "require('node:diagnostics_channel').subscribe = () => { throw new Error('x'); };"),
    mended: (bench) => {
      const { env, command } = behind(bench, "require('node:diagnostics_channel').subscribe = () => { throw new Error('x'); };");
      return { env: { ...env, OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http' }, ...(command === undefined ? {} : { command }) };
    },
  },
  {
    // Where loader hooks may not be.
    code: 'SIETCH011',
    broken: (bench) => {
      const refuse =
        "Object.assign(require('node:module'), { register: refuse, registerHooks: refuse }); function refuse() { throw new Error('x'); }";
      return behind(bench, refuse, bench.app(`${IMPORT_API} import './work.cjs';`, { 'work.cjs': WORK }, 'app.mjs'));
    },
    mended: (bench) => ({ command: bench.app(`${IMPORT_API} import './work.cjs';`, { 'work.cjs': WORK }, 'app.mjs') }),
  },
  {
    code: 'SIETCH042',
    broken: (bench) => ({ command: bench.app(`require('pg');${WORK}`, fake('pg', '8.16.3')) }),
    mended: (bench) => ({ command: bench.app(`require(${module('pg')});${WORK}`) }),
  },
  {
    code: 'SIETCH096',
    broken: (bench) => {
      const [, app = ''] = bench.app(`${WORK}process.exit();`);
      return { command: ['node', ...PERMISSIONS, app] };
    },
    mended: (bench) => {
      const [, app = ''] = bench.app(`${WORK}process.exit();`);
      return { command: ['node', ...PERMISSIONS, '--allow-worker', app] };
    },
  },
  {
    code: 'SIETCH097',
    detail: /node_modules\/@opentelemetry\/api/,
    broken: (bench) => ({ command: bench.app(`require('@opentelemetry/api');${WORK}`, fake('@opentelemetry/api', '0.21.0')) }),
    mended: (bench) => ({ command: bench.app(`require(${module('@opentelemetry/api')});${WORK}`) }),
  },
  {
    code: 'SIETCH098',
    detail: /api-second-sdk\.cjs:\d+/,
    broken: () => ({ command: ['node', join(ROOT, 'test/app/api-second-sdk.cjs')] }),
    mended: healthy,
  },
  {
    code: 'SIETCH099',
    detail: /New Relic \(newrelic\)/,
    broken: (bench) => ({
      command: bench.app(`require('newrelic');${WORK}`, fake('newrelic', '12.0.0', "exports.agent = { _state: 'started' };")),
    }),
    // Loaded and not started, as by a setting.
    mended: (bench) => ({
      command: bench.app(`require('newrelic');require('dd-trace');require('@sentry/node');${WORK}`, {
        ...fake('newrelic', '12.0.0'),
        ...fake('dd-trace', '5.0.0', "exports._initialized = false; global[Symbol.for('dd-trace')] = exports;"),
        ...fake('@sentry/node', '10.0.0', 'exports.getClient = () => undefined;'),
      }),
    }),
  },
  {
    code: 'SIETCH120',
    detail: /^pino, by \S+early\.cjs/,
    broken: (bench) => behind(bench, `require(${module('pino')});`),
    mended: (bench) => ({ command: bench.app(`require(${module('pino')});${WORK}`) }),
  },
  {
    code: 'SIETCH130',
    detail: /^pg 7\.18\.2, supported is >=8\.0\.3 <9: \S+node_modules\/pg$/,
    broken: (bench) => ({ command: bench.app(`require('pg');${WORK}`, fake('pg', '7.18.2')) }),
    mended: (bench) => ({ command: bench.app(`require(${module('pg')});${WORK}`) }),
  },
  {
    code: 'SIETCH167',
    detail: /node_modules\/pino$/,
    broken: (bench) => ({
      command: bench.app(
        `require('module').prototype.require = function (id) { return module.constructor._load(id, this); }; require(${module('pino')});${WORK}`,
      ),
    }),
    mended: (bench) => ({ command: bench.app(`require(${module('pino')});${WORK}`) }),
  },
  { code: 'SIETCH132', broken: (bench) => ({ command: bench.app('') }), mended: healthy },
  {
    code: 'SIETCH133',
    broken: (bench) => ({ command: bench.app(`${WORK}new (require('node:worker_threads').Worker)('', { eval: true });`) }),
    mended: (bench) => ({
      env: { SIETCH_OTEL_WORKER_THREADS: 'on' },
      command: bench.app(`${WORK}new (require('node:worker_threads').Worker)('', { eval: true });`),
    }),
  },
  {
    code: 'SIETCH134',
    broken: (bench) => ({ command: ['env', '-u', 'NODE_OPTIONS', ...bench.app(WORK)] }),
    mended: (bench) => {
      const [node = '', app = ''] = bench.app(WORK);
      return { command: ['env', '-u', 'NODE_OPTIONS', node, '--require', join(ROOT, 'dist/register.js'), app] };
    },
  },
  { code: 'SIETCH135', detail: /^exit code 9$/, broken: (bench) => ({ command: bench.app(`${WORK}process.exit(9);`) }), mended: healthy },
  {
    code: 'SIETCH136',
    broken: (bench) => ({
      env: { SIETCH_OTEL_ESM_HOOK: 'off' },
      command: bench.app(`${IMPORT_API} import './work.cjs';`, { 'work.cjs': WORK }, 'app.mjs'),
    }),
    mended: (bench) => ({ command: bench.app(`${IMPORT_API} import './work.cjs';`, { 'work.cjs': WORK }, 'app.mjs') }),
  },
  {
    code: 'SIETCH140',
    also: ['SIETCH145'],
    detail: /^1 line before this one$/,
    broken: appWithFullStderr,
    mended: healthy,
  },
  {
    code: 'SIETCH141',
    broken: (bench) => appWithCache(bench, 0o777),
    mended: (bench) => appWithCache(bench, 0o700),
  },
  {
    code: 'SIETCH145',
    detail: /Tracer\.startSpan: the name is undefined, expected a string; called from \S+app\.cjs/,
    broken: (bench) => ({ command: bench.app(`${WORK}require(${API}).trace.getTracer('app').startSpan().end();`) }),
    mended: healthy,
  },
  {
    code: 'SIETCH147',
    detail: /^1000 meters with different names/,
    broken: (bench) => ({
      command: bench.app(`${WORK}for (let id = 0; id < 1100; id++) require(${API}).metrics.getMeter('order ' + id);`),
    }),
    mended: (bench) => ({ command: bench.app(`${WORK}for (let id = 0; id < 1100; id++) require(${API}).metrics.getMeter('orders');`) }),
  },
  {
    code: 'SIETCH150',
    also: ['SIETCH135'],
    detail: /^process \d+$/,
    broken: (bench) => ({ command: bench.app(`${WORK}process.kill(process.pid, 'SIGKILL');`) }),
    mended: healthy,
  },
  {
    code: 'SIETCH151',
    detail: /^node \S+app\.cjs$/,
    broken: (bench) => ({ ...healthy(bench), env: { NODE_OPTIONS: undefined } }),
    mended: (bench) => {
      const [node = '', app = ''] = bench.app(WORK);
      return { env: { NODE_OPTIONS: undefined }, command: [node, ...PRELOADED.split(' '), app] };
    },
  },
  {
    code: 'SIETCH152',
    detail: /^1 times$/,
    broken: (bench) => ({ command: bench.app(calledWith('00')) }),
    mended: (bench) => ({ command: bench.app(calledWith('01')) }),
  },
  {
    code: 'SIETCH153',
    detail: /^OTEL_SERVICE_NAME, SIETCH_OTEL_EVENTS$/,
    broken: (bench) => ({
      env: { OTEL_SERVICE_NAME: undefined },
      command: bench.app(`Object.assign(process.env, { OTEL_SERVICE_NAME: 'late', SIETCH_OTEL_EVENTS: 'off' });${WORK}`),
    }),
    mended: (bench) => ({ env: { OTEL_SERVICE_NAME: 'soon', SIETCH_OTEL_EVENTS: 'off' }, ...healthy(bench) }),
  },
  {
    // A file that nobody has read yet, or that was read where nobody sees it.
    code: 'SIETCH153',
    detail: /^OTEL_TRACES_SAMPLER_ARG \(in \.env\)$/,
    broken: (bench) => inFolder(bench, []),
    mended: (bench) => inFolder(bench, ['OTEL_TRACES_SAMPLER_ARG=0.5']),
  },
  {
    code: 'SIETCH157',
    detail: /^this process is 3600 s ahead$/,
    broken: async (bench) => ({ command: await appWithQueue(bench, 'const now = Date.now; Date.now = () => now() + 3_600_000;') }),
    mended: async (bench) => ({ command: await appWithQueue(bench, '') }),
  },
  {
    code: 'SIETCH162',
    detail: /^maxmemory-policy allkeys-lru$/,
    broken: (bench) => appWithWebhooks(bench, { 'maxmemory-policy': 'allkeys-lru' }),
    mended: (bench) => appWithWebhooks(bench, {}),
  },
  {
    code: 'SIETCH163',
    detail: /^appendonly no$/,
    broken: (bench) => appWithWebhooks(bench, { appendonly: 'no' }),
    mended: (bench) => appWithWebhooks(bench, {}),
  },
  {
    code: 'SIETCH164',
    broken: (bench) => appWithWebhooks(bench, {}, ['-info']),
    mended: (bench) => appWithWebhooks(bench, {}),
  },
  { code: 'SIETCH138', broken: () => ({ command: ['no-such-command'] }), mended: healthy },
];
