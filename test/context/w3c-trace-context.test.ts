// The rules of W3C Trace Context, levels 1 and 2, at the wire: what a service under the preload sends on, for the headers that it gets. They are those of
// W3C's own suite (github.com/w3c/trace-context, test/test.py), of which all 41 cases hold too.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeBinary } from '../support/node-versions.ts';
import { INSTALLING_MS } from '../support/npm-packages.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { runWebApp, type WebApp } from '../support/web-app.ts';

const TRACE_ID = '12345678901234567890123456789012';
const PARENT = '1234567890123456';
const VALID = `00-${TRACE_ID}-${PARENT}-00`;
const Z256 = 'z'.repeat(256);

/** Header lines as they are sent: a name may come several times. */
type Lines = readonly (readonly [name: string, value: string])[];
/** The outgoing headers of a call, by name in lower case. */
type Sent = Readonly<Record<string, string[]>>;

const APPS = [
  ['Express and fetch', 'test/app/w3c-express.cjs', ['fetch']],
  ['Express and node:http', 'test/app/w3c-express.cjs', ['http']],
  ['Fastify as an ES module', 'test/app/w3c-fastify.mjs', []],
] as const;

let receiver: Receiver;
/** Records what it is called with. */
let called: Server;
let calledUrl: string;
let calls: Sent[] = [];
beforeAll(async () => {
  receiver = await startReceiver();
  called = createServer((incoming, response) => {
    calls.push(byName(incoming.rawHeaders));
    incoming.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => {
    called.listen(0, '127.0.0.1', resolve);
  });
  calledUrl = `http://127.0.0.1:${portOf(called)}/`;
});
afterAll(async () => {
  called.close();
  await receiver.close();
});

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function byName(raw: readonly string[]): Sent {
  const sent: Record<string, string[]> = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = String(raw[i]).toLowerCase();
    sent[name] = [...(sent[name] ?? []), String(raw[i + 1])];
  }
  return sent;
}

/** Sends the lines to the service, which makes so many calls; returns the headers of these. */
async function send(web: WebApp, lines: Lines, count = 1): Promise<Sent[]> {
  calls = [];
  const body = JSON.stringify(Array.from({ length: count }, () => ({ url: calledUrl, arguments: [] })));
  const own = [
    ['host', 'localhost'],
    ['content-type', 'application/json'],
    ['content-length', String(body.length)],
  ];
  await new Promise<void>((resolve, reject) => {
    const headers = [...own, ...lines].flat();
    const outgoing = request(`${web.url}/test`, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', resolve);
    });
    outgoing.on('error', reject).end(body);
  });
  expect(calls).toHaveLength(count);
  return calls;
}

interface Traceparent {
  readonly traceId: string;
  readonly parentId: string;
  readonly flags: number;
}

/** The one traceparent of a call, which is valid. */
function traceparentOf(sent: Sent | undefined): Traceparent {
  const headers = sent?.['traceparent'] ?? [];
  expect(headers).toHaveLength(1);
  const [, traceId = '', parentId = '', flags = ''] =
    /^00-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})$/.exec(String(headers[0])) ?? [];
  expect(traceId, String(headers[0])).not.toBe('');
  return { traceId, parentId, flags: Number.parseInt(flags, 16) };
}

const traceparents: readonly (readonly [rule: string, isContinued: boolean, lines: Lines])[] = [
  ['a traceparent is continued', true, [['traceparent', VALID]]],
  [
    'two traceparents are none',
    false,
    [
      ['traceparent', VALID],
      ['traceparent', VALID],
    ],
  ],
  ['a header of another name is none: trace-parent', false, [['trace-parent', VALID]]],
  ['a header of another name is none: trace.parent', false, [['trace.parent', VALID]]],
  ['the header name has any case: TraceParent', true, [['TraceParent', VALID]]],
  ['the header name has any case: TrAcEpArEnT', true, [['TrAcEpArEnT', VALID]]],
  ['the header name has any case: TRACEPARENT', true, [['TRACEPARENT', VALID]]],
  ['version 00 ends with its flags', false, [['traceparent', `${VALID}.`]]],
  ['version 00 ends with its flags, also before a dash', false, [['traceparent', `${VALID}-what-the-future-will-be-like`]]],
  ['a later version is read as far as it is known', true, [['traceparent', `cc${VALID.slice(2)}`]]],
  ['a later version may go on after a dash', true, [['traceparent', `cc${VALID.slice(2)}-what-the-future-will-be-like`]]],
  ['a later version goes on after a dash only', false, [['traceparent', `cc${VALID.slice(2)}.what-the-future-will-be-like`]]],
  ['version ff is none', false, [['traceparent', `ff${VALID.slice(2)}`]]],
  ['a version of other characters is none', false, [['traceparent', `.0${VALID.slice(2)}`]]],
  ['a version of other characters is none, at its end', false, [['traceparent', `0.${VALID.slice(2)}`]]],
  ['a version of three digits is none', false, [['traceparent', `0${VALID}`]]],
  ['a version of one digit is none', false, [['traceparent', VALID.slice(1)]]],
  ['a trace id of zeros is none', false, [['traceparent', `00-${'0'.repeat(32)}-${PARENT}-01`]]],
  ['a trace id of other characters is none', false, [['traceparent', `00-.${TRACE_ID.slice(1)}-${PARENT}-01`]]],
  ['a trace id in upper case is none', false, [['traceparent', `00-${'A'.repeat(32)}-${PARENT}-01`]]],
  ['a trace id that is too long is none', false, [['traceparent', `00-${TRACE_ID}3-${PARENT}-01`]]],
  ['a trace id that is too short is none', false, [['traceparent', `00-${TRACE_ID.slice(1)}-${PARENT}-01`]]],
  ['a parent id of zeros is none', false, [['traceparent', `00-${TRACE_ID}-${'0'.repeat(16)}-01`]]],
  ['a parent id of other characters is none', false, [['traceparent', `00-${TRACE_ID}-.${PARENT.slice(1)}-01`]]],
  ['a parent id that is too long is none', false, [['traceparent', `00-${TRACE_ID}-${PARENT}7-01`]]],
  ['a parent id that is too short is none', false, [['traceparent', `00-${TRACE_ID}-${PARENT.slice(1)}-01`]]],
  ['flags of other characters are none', false, [['traceparent', `00-${TRACE_ID}-${PARENT}-.0`]]],
  ['flags that are too long are none', false, [['traceparent', `00-${TRACE_ID}-${PARENT}-001`]]],
  ['flags that are too short are none', false, [['traceparent', `00-${TRACE_ID}-${PARENT}-1`]]],
  ['blanks around a traceparent are no part of it', true, [['traceparent', `\t ${VALID} \t`]]],
];

const SEVERAL = [
  'bar01=01,bar02=02,bar03=03,bar04=04,bar05=05,bar06=06,bar07=07,bar08=08,bar09=09,bar10=10,bar11=11,bar12=12,bar13=13,bar14=14,bar15=15,bar16=16',
  'bar17=17,bar18=18,bar19=19,bar20=20,bar21=21,bar22=22,bar23=23,bar24=24,bar25=25,bar26=26,bar27=27,bar28=28,bar29=29,bar30=30,bar31=31',
];
const ALL_KEY_CHARACTERS = 'abcdefghijklmnopqrstuvwxyz0123456789_-*/';
const ALL_VALUE_CHARACTERS = Array.from({ length: 0x7e - 0x20 + 1 }, (_, at) => String.fromCharCode(0x20 + at))
  .filter((character) => character !== ',' && character !== '=')
  .join('');

/** `undefined`: no tracestate is sent on. */
const tracestates: readonly (readonly [rule: string, expected: string | undefined, states: readonly string[]])[] = [
  ['is sent on', 'foo=1,bar=2', ['foo=1,bar=2']],
  ['several headers are one, in their order', 'foo=1,bar=2,rojo=1,congo=2,baz=3', ['foo=1,bar=2', 'rojo=1,congo=2', 'baz=3']],
  ['an empty header is none', undefined, ['']],
  ['an empty header after another', 'foo=1', ['foo=1', '']],
  ['an empty header before another', 'foo=1', ['', 'foo=1']],
  ['of one key twice the first member counts', 'foo=1', ['foo=1,foo=2']],
  ['of one key in two headers the first member counts', 'foo=1', ['foo=1', 'foo=2']],
  ['all characters of keys and values', `${ALL_KEY_CHARACTERS}=${ALL_VALUE_CHARACTERS}`, [`${ALL_KEY_CHARACTERS}=${ALL_VALUE_CHARACTERS}`]],
  ['all characters of a tenant', `${ALL_KEY_CHARACTERS}@a-z0-9_-*/=1`, [`${ALL_KEY_CHARACTERS}@a-z0-9_-*/=1`]],
  ['blanks around members are no part of them', 'foo=1,bar=2,baz=3', ['\t foo=1 \t , \t bar=2, \t baz=3 \t']],
  ['a key with a space: all of it is dropped', undefined, ['foo =1,bar=2']],
  ['a key in upper case: all of it is dropped', undefined, ['FOO=1,bar=2']],
  ['a key with a dot: all of it is dropped', undefined, ['foo.bar=1,bar=2']],
  ['a key may begin with a digit', '1a=1', ['1a=1']],
  ['a key may hold @ anywhere but at its start', 'foo@=1,foo@@bar=2,foo@bar@baz=3', ['foo@=1,foo@@bar=2,foo@bar@baz=3']],
  ['a key that starts with @: all of it is dropped', undefined, ['@foo=1,bar=2']],
  ['32 members', `${SEVERAL.join(',')},bar32=32`, [...SEVERAL, 'bar32=32']],
  ['33 members: all of them are dropped', undefined, [...SEVERAL, 'bar32=32,bar33=33']],
  ['a key of 256 characters', `foo=1,${Z256}=1`, ['foo=1', `${Z256}=1`]],
  ['a key of 257 characters: all of it is dropped', undefined, ['foo=1', `z${Z256}=1`]],
  ['a tenant of more than 241 characters, as level 2 allows', `foo=1,${'t'.repeat(242)}@v=1`, ['foo=1', `${'t'.repeat(242)}@v=1`]],
  ['a system of more than 14 characters, as level 2 allows', `foo=1,t@${'v'.repeat(15)}=1`, ['foo=1', `t@${'v'.repeat(15)}=1`]],
  ['a value with =: all of it is dropped', undefined, ['foo=bar=baz,bar=2']],
  ['an empty value: all of it is dropped', undefined, ['foo=,bar=3']],
  ['a value of 256 characters', `foo=${Z256}`, [`foo=${Z256}`]],
  ['a value of 257 characters: all of it is dropped', undefined, [`foo=z${Z256},bar=1`]],
];

async function runOn(
  major: '20' | '24',
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<WebApp> {
  return runWebApp(file, { args, node: await nodeBinary(major), receiver, env });
}

describe.each([...APPS.map((app) => ['20', ...app] as const), ...APPS.map((app) => ['24', ...app] as const)])(
  'W3C TraceContext on Node.js %s: %s',
  (major, _what, file, args) => {
    let web: WebApp;
    beforeAll(async () => {
      web = await runOn(major, file, args);
    }, INSTALLING_MS);
    afterAll(async () => {
      await web?.app.stop();
    });

    test.each(traceparents)('traceparent: %s', async (_rule, isContinued, lines) => {
      const { traceId, parentId } = traceparentOf((await send(web, lines))[0]);
      if (isContinued) expect(traceId).toBe(TRACE_ID);
      else expect(lines[0]?.[1]).not.toContain(traceId);
      expect(parentId).not.toBe(PARENT);
    });

    test('traceparent: without one a trace begins', async () => {
      expect(traceparentOf((await send(web, []))[0]).traceId).not.toBe(TRACE_ID);
    });

    test.each([
      ['of one trace', [['traceparent', VALID]], 1],
      ['without a traceparent', [], 1],
      ['with one that is none', [['traceparent', `00-${'0'.repeat(32)}-${PARENT}-01`]], 1],
    ] as const)('traceparent: each call of a request has a parent id of its own, %s', async (_what, lines, traces) => {
      const sent = (await send(web, lines, 3)).map(traceparentOf);
      expect(new Set(sent.map(({ parentId }) => parentId)).size).toBe(3);
      expect(new Set(sent.map(({ traceId }) => traceId)).size).toBe(traces);
    });

    test.each(tracestates)('tracestate: %s', async (_rule, expected, states) => {
      const [sent] = await send(web, [['traceparent', VALID], ...states.map((state) => ['tracestate', state] as const)]);
      expect(traceparentOf(sent).traceId).toBe(TRACE_ID);
      expect(sent?.['tracestate']).toEqual(expected === undefined ? undefined : [expected]);
    });

    test.each(['TraceState', 'TrAcEsTaTe', 'TRACESTATE'])('tracestate: the header name has any case: %s', async (name) => {
      expect(
        (
          await send(web, [
            ['traceparent', VALID],
            [name, 'foo=1'],
          ])
        )[0]?.['tracestate'],
      ).toEqual(['foo=1']);
    });

    test.each(['trace-state', 'trace.state'])('tracestate: a header of another name is none: %s', async (name) => {
      expect(
        (
          await send(web, [
            ['traceparent', VALID],
            [name, 'foo=1'],
          ])
        )[0]?.['tracestate'],
      ).toBeUndefined();
    });

    test('tracestate: without a traceparent it is none', async () => {
      expect((await send(web, [['tracestate', 'foo=1']]))[0]?.['tracestate']).toBeUndefined();
    });

    test.each([
      ['is kept where the caller has set it', [['traceparent', `${VALID.slice(0, -2)}02`]], 2],
      ['is kept beside the sampled flag', [['traceparent', `${VALID.slice(0, -2)}03`]], 3],
      ['is not set where the caller has not', [['traceparent', `${VALID.slice(0, -2)}01`]], 1],
      ['is set on a trace id that was made here', [], 3],
      ['is not set on a trace id of x-trace-id', [['x-trace-id', TRACE_ID]], 1],
      ['other flags are cleared', [['traceparent', `${VALID.slice(0, -2)}ff`]], 3],
    ] as const)('random flag: %s', async (_rule, lines, flags) => {
      expect(traceparentOf((await send(web, lines))[0]).flags).toBe(flags);
    });
  },
);

describe.each(APPS)('W3C TraceContext with OTEL_TRACES_EXPORTER=none: %s', (_what, file, args) => {
  test('traceparent, tracestate and baggage pass through', async () => {
    const web = await runOn('20', file, args, { OTEL_TRACES_EXPORTER: 'none' });
    const given = { traceparent: `00-${TRACE_ID}-${PARENT}-03`, tracestate: 'foo=1,bar=2', baggage: 'tenant=acme' };
    const [sent] = await send(web, Object.entries(given));
    expect(sent).toMatchObject(Object.fromEntries(Object.entries(given).map(([name, value]) => [name, [value]])));
    await web.app.stop();
  });
});

test.each([
  ['TRACEIDRATIO', [], 3, 'ot=th:0'],
  ['parentbased_traceidratio', [], 3, 'ot=th:0'],
  [
    'parentbased_traceidratio',
    [
      ['traceparent', `${VALID.slice(0, -2)}01`],
      ['tracestate', 'foo=1'],
    ],
    1,
    'foo=1',
  ],
  ['always_on', [], 3, undefined],
] as const)('Sampling: the share of OTEL_TRACES_SAMPLER=%s goes out with the trace', async (sampler, lines, flags, tracestate) => {
  const web = await runOn('20', 'test/app/w3c-express.cjs', ['fetch'], { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: '1' });
  const [sent] = await send(web, lines);
  expect(traceparentOf(sent).flags).toBe(flags);
  expect(sent?.['tracestate']).toEqual(tracestate === undefined ? undefined : [tracestate]);
  await web.app.stop();
});
