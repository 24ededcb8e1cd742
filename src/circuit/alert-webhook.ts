// Sends an alert when a breaker opens or closes: one POST, no retries, time-boxed, a bounded number at once, and nothing to wait for.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { warn } from '../sdk/diagnostics.js';
import type { BreakerEvent } from './breaker-event.js';

export interface AlertWebhook {
  /** Returns at once and never throws. */
  readonly send: (event: BreakerEvent) => void;
  /** Resolves when those under way have ended; until then they keep the process alive. */
  readonly drain: () => Promise<void>;
}

const TIMEOUT_MS = 5_000;
/** Alerts under way at once; further ones are dropped and said to be. */
const MAX_UNDER_WAY = 10;

interface Sending {
  readonly done: Promise<void>;
  /** Keeps the process alive until it is done. */
  hold(): void;
}

/** @param url may hold a credential: it is never printed, nor is what the receiver answers */
export function createAlertWebhook(url: string, serviceName: string): AlertWebhook {
  const target = new URL(url);
  const underWay = new Set<Sending>();
  return {
    send(event) {
      if (underWay.size >= MAX_UNDER_WAY) {
        complain('alerts come faster than they can be sent: one was dropped');
        return;
      }
      const body = JSON.stringify({ text: describe(event, serviceName), service: serviceName, ...event });
      const sending = context.with(suppressTracing(ROOT_CONTEXT), () => post(target, body));
      underWay.add(sending);
      void sending.done
        .catch((error: unknown) => complain(`an alert was not delivered: ${error instanceof Error ? error.message : String(error)}`))
        .finally(() => underWay.delete(sending));
    },
    drain: async () => {
      for (const sending of underWay) sending.hold();
      await Promise.allSettled([...underWay].map(({ done }) => done));
    },
  };
}

function complain(message: string): void {
  warn({ code: 'SIETCH073', message, remedy: 'check SIETCH_OTEL_CIRCUIT_WEBHOOK_URL and its receiver' });
}

/** `text` is what Slack, Mattermost and Teams show. */
function describe(event: BreakerEvent, serviceName: string): string {
  const what = event.type === 'open' ? 'opened' : 'closed';
  const why = 'reason' in event ? ` (${event.reason.replaceAll('_', ' ')})` : '';
  return `Circuit breaker ${event.name} of ${serviceName} ${what}${why}`;
}

/** Done on a 2xx answer. Holds no process alive unless it is told to. */
function post(url: URL, body: string): Sending {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const request = send(url, { method: 'POST', headers, agent: false });
  const timer = setTimeout(() => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })), TIMEOUT_MS).unref();
  let isHeld = false;
  request.on('socket', (socket) => {
    if (!isHeld) socket.unref();
  });
  const done = new Promise<void>((resolve, reject) => {
    request.on('response', (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`the receiver answered ${statusCode}`));
    });
    request.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.name)));
    request.on('close', () => clearTimeout(timer));
    request.end(body);
  });
  const hold = () => {
    isHeld = true;
    request.socket?.ref();
  };
  return { done, hold };
}
