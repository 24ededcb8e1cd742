// The listeners of a request and its response belong to its trace, wherever Node calls them from: the body comes in a packet of its own.
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, spanTree, startReceiver } from '../../support/otlp.ts';
import { runWebApp, type WebApp } from '../../support/web-app.ts';

let receiver: Receiver;
let web: WebApp;
beforeAll(async () => {
  receiver = await startReceiver();
  web = await runWebApp('test/app/listeners.cjs', { receiver });
});
afterAll(async () => {
  await web.app.stop();
  await receiver.close();
});

/** Sends the second half of the body when an answer to the first has come; `give up` goes away instead. */
function talk(traceId: string, then: 'end' | 'give up'): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request(`${web.url}/talk`, { method: 'POST', headers: { 'x-trace-id': traceId } }, (response) => {
      response.once('data', () => (then === 'end' ? outgoing.end('second half') : outgoing.destroy()));
      response.on('error', () => {}).on('close', resolve);
      response.resume();
    });
    outgoing.on('error', () => {});
    outgoing.write('first half');
  });
}

test('all of them', async () => {
  const traceId = randomBytes(16).toString('hex');
  await talk(traceId, 'end');
  const [line] = await web.app.waitForLine(new RegExp(`^.*${traceId}.*$`));
  const events = ['handler', 'request data', 'request end', 'request close', 'response finish', 'response close'];
  expect(JSON.parse(line)).toEqual(Object.fromEntries(events.map((event) => [event, traceId])));
});

test('also of a client that goes away', async () => {
  const traceId = randomBytes(16).toString('hex');
  await talk(traceId, 'give up');
  const [line] = await web.app.waitForLine(new RegExp(`^.*${traceId}.*$`));
  expect(JSON.parse(line)).toMatchObject({ handler: traceId, 'request data': traceId, 'response close': traceId });
  // POST   SERVER
  expect(spanTree(await receiver.store.waitForTrace(traceId))).toMatchObject([{ name: 'POST', kind: 'SERVER', children: [] }]);
});

test('a request that one server hands to another has a span for each', async () => {
  const traceId = randomBytes(16).toString('hex');
  expect((await web.ask('/handed', { headers: { 'x-trace-id': traceId } })).body).toBe('handed');
  const spans = await receiver.store.waitForTrace(traceId, (arrived) => arrived.length === 2);
  expect(spans.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['SERVER GET', 'SERVER GET']);
});
