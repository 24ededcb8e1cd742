// Tells open pages what arrives, as server-sent events: at most four a second, so that a page need
// not draw each export. A client that reads too slowly is told less, and at last dropped.

import type { ServerResponse } from 'node:http';
import type { Added, Status } from './api.js';
import { summaryOf } from './api-trace.js';
import { beginEvents, type Exchange } from './http-answer.js';
import { Refusal } from './refusal.js';
import type { Telemetry } from './telemetry.js';
import type { TraceStore } from './trace-store.js';

const INTERVAL_MS = 250;
const MAX_CLIENTS = 32;
const MAX_TRACES = 200;
/** Bytes that wait for a client, above which it is told nothing until it has read them. */
const MAX_UNREAD_BYTES = 256 * 1024;
/** Time after which a client that reads nothing is dropped. */
const MAX_UNREAD_MS = 30_000;
/** A comment keeps proxies from closing a quiet connection. */
const QUIET_MS = 15_000;

interface Client {
  readonly response: ServerResponse;
  /** Since when it has not read, by the clock of `performance`. */
  unreadSince: number | undefined;
  hasMissed: boolean;
}

export class LiveEvents {
  readonly #store: TraceStore;
  readonly #status: () => Status;
  readonly #clients = new Set<Client>();
  #grown = new Set<string>();
  #logs = 0;
  #metrics = 0;
  #hasMore = false;
  #willSend = false;
  #quiet: NodeJS.Timeout | undefined;

  /** @param status what the first event of each client says */
  constructor(store: TraceStore, status: () => Status) {
    this.#store = store;
    this.#status = status;
  }

  add({ spans, logs, metrics }: Telemetry): void {
    if (this.#clients.size === 0) return;
    this.#logs += logs.length;
    this.#metrics += metrics.length;
    for (const { traceId } of [...spans, ...logs]) {
      if (traceId === '' || this.#grown.has(traceId)) continue;
      if (this.#grown.size < MAX_TRACES) this.#grown.add(traceId);
      else this.#hasMore = true;
    }
    if (this.#willSend) return;
    this.#willSend = true;
    setTimeout(() => this.#send(), INTERVAL_MS).unref();
  }

  /** @throws {Refusal} when there are too many. */
  open(exchange: Exchange): void {
    if (this.#clients.size >= MAX_CLIENTS) throw new Refusal(503, `more than ${MAX_CLIENTS} pages are open`);
    const { response } = exchange;
    const client: Client = { response, unreadSince: undefined, hasMissed: false };
    this.#clients.add(client);
    response.once('close', () => this.#remove(client));
    response.on('error', () => {});
    beginEvents(exchange);
    response.write(`retry: 1000\n${event('hello', this.#status())}`);
    this.#quiet ??= setInterval(() => this.#sendText(': quiet\n\n', false), QUIET_MS).unref();
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearInterval(this.#quiet);
    this.#quiet = undefined;
  }

  #send(): void {
    this.#willSend = false;
    const traces = [...this.#grown].flatMap((traceId) => {
      const trace = this.#store.indexed(traceId);
      return trace === undefined ? [] : [summaryOf(trace, this.#store.logCount(traceId))];
    });
    const added: Added = { traces, logs: this.#logs, metrics: this.#metrics, totals: this.#status().totals };
    const hasMore = this.#hasMore;
    this.#grown = new Set();
    this.#logs = this.#metrics = 0;
    this.#hasMore = false;
    const whole = event('added', hasMore ? { ...added, more: true } : added);
    this.#sendText(whole, true, () => event('added', { ...added, more: true }));
  }

  /** @param textAfterGap what a client gets that has missed events before */
  #sendText(text: string, counts: boolean, textAfterGap: () => string = () => text): void {
    const now = performance.now();
    for (const client of this.#clients) {
      const { response } = client;
      if (response.writableLength > MAX_UNREAD_BYTES) {
        client.unreadSince ??= now;
        client.hasMissed ||= counts;
        if (now - client.unreadSince > MAX_UNREAD_MS) response.destroy();
        continue;
      }
      response.write(client.hasMissed && counts ? textAfterGap() : text);
      client.unreadSince = undefined;
      if (counts) client.hasMissed = false;
    }
  }
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
