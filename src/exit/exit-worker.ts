// The worker thread of the exit hand-over: sends the requests while the main thread waits in
// `exit`, and reports through shared memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { exchange } from '../export/http-exchange.js';
import type { HandedRequest, SendResult } from '../export/sender.js';
import type { HandOver } from './exit-hand-over.js';

/** Pause before a request that failed for now is sent again. */
const RETRY_MS = 50;
/** No collector is there, so that a retry would only delay the exit. */
const HOPELESS = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH']);

parentPort?.on('message', ({ requests, progress, timeoutMs }: HandOver) => {
  const endsAt = performance.now() + timeoutMs;
  requests.forEach((request, index) => {
    deliver(request, endsAt).then(
      (sent) => report(progress, index, sent),
      () => report(progress, index, false),
    );
  });
});

async function deliver(request: HandedRequest, endsAt: number): Promise<boolean> {
  for (;;) {
    const result = await send(request, endsAt - performance.now());
    if (result.status === 'sent') return true;
    if (result.status === 'failed' || HOPELESS.has(result.reason)) return false;
    const pause = result.afterMs ?? RETRY_MS;
    if (performance.now() + pause >= endsAt) return false;
    await sleep(pause);
  }
}

async function send(request: HandedRequest, timeoutMs: number): Promise<SendResult> {
  if (request.kind === 'http') return (await exchange({ ...request, timeoutMs, keepsAlive: true })).result;
  const { GrpcChannel }: typeof import('../export/otlp-grpc.js') = require('../export/otlp-grpc.js');
  return (await new GrpcChannel(request.signal).send(request.body)).result;
}

function report(progress: Int32Array, index: number, sent: boolean): void {
  Atomics.store(progress, index + 1, sent ? 1 : 2);
  Atomics.add(progress, 0, 1);
  Atomics.notify(progress, 0);
}
