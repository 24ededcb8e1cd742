// An ES module that a CommonJS program loads, by `require()` or by `import()`: what it imports is observed, by the same spans as in any other program.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runApp } from '../../support/app.ts';
import { nodeBinary } from '../../support/node-versions.ts';
import { INSTALLING_MS } from '../../support/npm-packages.ts';
import { type Receiver, type SpanNode, spanNamed, spanTree, startReceiver } from '../../support/otlp.ts';
import { freshDatabase, freshRedis } from '../../support/servers.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const leaf = (name: string, kind: SpanNode['kind'], ...children: SpanNode[]): SpanNode => ({ name, kind, status: 'UNSET', children });

// GET                       CLIENT  http.get, imported by name
// └─ GET                    SERVER  http.createServer, imported by name
//    ├─ SELECT              CLIENT
//    ├─ set                 CLIENT
//    ├─ send payments       PRODUCER
//    │  └─ process payments CONSUMER
//    └─ circuit paddle      INTERNAL
const request = leaf(
  'GET',
  'SERVER',
  leaf(expect.stringContaining('SELECT'), 'CLIENT'),
  leaf('set', 'CLIENT'),
  leaf('send payments', 'PRODUCER', leaf('process payments', 'CONSUMER')),
  leaf('circuit paddle', 'INTERNAL'),
);

describe.each(['20', '22', '24'] as const)('Node %s', (major) => {
  test.each([
    ['by a program that is an ES module', []],
    ['by require()', []],
    ['by import()', ['import']],
    ['by require(), when pino was required before', ['pino first']],
    ['by import(), when pino was required before', ['import', 'pino first']],
  ])('%s', { timeout: INSTALLING_MS }, async (way, args) => {
    const file = way.includes('program') ? 'es-module-program.mjs' : 'required-es-module.cjs';
    // At its end it looks whether hooks have met all libraries.
    const env = {
      SIETCH_OTEL_DIAGNOSE_ALL: 'on',
      REDIS_URL: await freshRedis(),
      DATABASE_URL: await freshDatabase(),
      SIETCH_OTEL_CIRCUIT_SPANS: 'on',
    };
    const app = runApp(`test/app/${file}`, { receiver, env, args, node: await nodeBinary(major) });
    const { code, stdout, stderr } = await app.waitForExit(60_000);
    expect({ code, problems: stderr.split('\n').filter((line) => /^\[sietch-otel\] (warn|error) /.test(line)) }).toEqual({
      code: 0,
      problems: [],
    });
    expect(spanTree(receiver.store.spans)).toEqual([leaf('GET', 'CLIENT', request)]);
    expect(JSON.parse(stdout)).toMatchObject({ msg: 'a line', trace_id: spanNamed(receiver.store.spans, 'set').traceId });
  });
});
