// Sends an alert when a breaker opens or closes: one POST, no retries, time-boxed, a bounded number
// at once, and nothing to wait for.
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { warn } from '../../diagnose/diagnostics.js';
import type { BreakerEvent } from './breaker-event.js';

export interface AlertWebhook {
  /** Returns at once and never throws. */
  readonly send: (event: BreakerEvent) => void;
  /** Resolves when those under way have ended. */
  readonly drain: () => Promise<void>;
}

const TIMEOUT_MS = 5_000;
/** How long an alert keeps a process alive that has nothing more to do. */
const HOLD_MS = 1_000;
/** Alerts under way at once; further ones are dropped, which is logged. */
const MAX_UNDER_WAY = 10;

/** @param url may hold a credential: it is never printed, nor is what the receiver answers */
export function createAlertWebhook(url: string, serviceName: string): AlertWebhook {
  const target = new URL(url);
  const underWay = new Set<Promise<void>>();
  return {
    send(event) {
      if (underWay.size >= MAX_UNDER_WAY) {
        complain(`${MAX_UNDER_WAY} are being sent already`);
        return;
      }
      const body = JSON.stringify({ text: describe(event, serviceName), service: serviceName, ...event });
      const sending = context
        .with(suppressTracing(ROOT_CONTEXT), () => post(target, body))
        .catch((error: unknown) => complain(error instanceof Error ? error.message : String(error)));
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
    },
    drain: async () => {
      await Promise.all(underWay);
    },
  };
}

function complain(reason: string): void {
  warn('SIETCH073', reason);
}

/** `text` is what Slack, Mattermost and Teams show. */
function describe(event: BreakerEvent, serviceName: string): string {
  const what = event.type === 'open' ? 'opened' : 'closed';
  const why = 'reason' in event ? ` (${event.reason.replaceAll('_', ' ')})` : '';
  return `Circuit breaker ${event.name} of ${serviceName} ${what}${why}`;
}

/** Resolves on a 2xx answer. */
function post(url: URL, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) resolve();
      else reject(new Error(`the receiver answered ${statusCode}`));
    });
    const timers = [
      setTimeout(() => request.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })), TIMEOUT_MS).unref(),
      setTimeout(() => request.socket?.unref(), HOLD_MS).unref(),
    ];
    request.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code ?? error.name)));
    request.on('close', () => timers.forEach(clearTimeout));
    request.end(body);
  });
}
