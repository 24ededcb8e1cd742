// A viewer for tests, with a machine that answers what the test says, and ways to ask it.

import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import type { Machine } from '../../src/view/machine.js';
import { MetricHistory } from '../../src/view/metric-history.js';
import { type Receiver, startReceiver } from '../../src/view/receiver.js';
import { createSite } from '../../src/view/site.js';
import { TraceStore } from '../../src/view/trace-store.js';

export interface Viewer {
  readonly receiver: Receiver;
  readonly store: TraceStore;
  readonly metrics: MetricHistory;
  get(path: string, options?: RequestOptions): Promise<Answer>;
  /** With the headers of the page, unless others are given. */
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export async function startViewer(machine: Machine, pageFolder?: string): Promise<Viewer> {
  const store = new TraceStore();
  const metrics = new MetricHistory({ maxSeries: 1_000, maxBytes: 10_000_000 });
  store.onAdded((added) => metrics.add(added.metrics));
  const handler = createSite(store, { metrics, machine, ...(pageFolder === undefined ? {} : { pageFolder }) });
  const receiver = await startReceiver({ store, handler });
  const send = (path: string, options: RequestOptions, body?: string) => ask(`${receiver.url}${path}`, options, body);
  return {
    receiver,
    store,
    metrics,
    get: (path, options = {}) => send(path, options),
    post: (path, body, headers = {}) => send(path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, body),
  };
}

function ask(url: string, options: RequestOptions, sent = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { agent: false, ...options }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject).end(sent);
  });
}
