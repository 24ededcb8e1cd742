// The viewer's own server with the built page, and Chromium that looks at it.
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Machine } from '../../../src/view/machine.js';
import { MetricHistory } from '../../../src/view/metric-history.js';
import { type Receiver, startReceiver } from '../../../src/view/receiver.js';
import { createSite } from '../../../src/view/site.js';
import type { Telemetry } from '../../../src/view/telemetry.js';
import { TraceStore } from '../../../src/view/trace-store.js';
import { ROOT } from '../../support/checkout.ts';
import { startChromium } from '../../support/chromium.ts';

export interface ShownViewer {
  readonly url: string;
  readonly receiver: Receiver;
  /** As if it had been received. */
  add(telemetry: Partial<Telemetry>): void;
  /** A page of its own context; whatever it reports on its console, or loads from elsewhere, is in `complaints`. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  readonly complaints: string[];
  /** Begins to record; what it returns ends that, with the processor time in milliseconds of the page's longest tasks. */
  recordTasks(page: Page): Promise<() => Promise<number[]>>;
  clear(): void;
  close(): Promise<void>;
}

export async function startShownViewer(machine: Partial<Machine> = {}): Promise<ShownViewer> {
  const store = new TraceStore({ maxSpans: 200_000 });
  const metrics = new MetricHistory({ maxSeries: 2_000, maxBytes: 64 * 1024 * 1024 });
  store.onAdded((added) => metrics.add(added.metrics));
  const whole: Machine = {
    now: async () => ({ processes: [] }),
    status: () => ({ version: '1.0.0', http: receiver.url, redis: machine.deadLetters !== undefined, scraped: [] }),
    ...machine,
  };
  const handler = createSite(store, { metrics, machine: whole, pageFolder: join(ROOT, 'dist/view') });
  const receiver = await startReceiver({ store, handler });
  const browser: Browser = await startChromium();
  const complaints: string[] = [];
  return {
    url: receiver.url,
    receiver,
    complaints,
    add({ spans = [], logs = [], metrics: added = [] }) {
      store.add({ spans, logs, metrics: added });
    },
    async open(path, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', ...options });
      const page = await context.newPage();
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        const address = request.url();
        if (!address.startsWith(receiver.url) && !address.startsWith('data:')) complaints.push(`loads ${address}`);
      });
      await page.goto(receiver.url + path);
      return page;
    },
    async recordTasks(page) {
      await browser.startTracing(page, { categories: [TASKS] });
      return async () => longestTasks((await browser.stopTracing()).toString());
    },
    clear() {
      store.clear();
      metrics.clear();
      complaints.length = 0;
    },
    async close() {
      await browser.close();
      await receiver.close();
    },
  };
}

/** Category of the browser's own events for each task of a thread. */
const TASKS = 'disabled-by-default-devtools.timeline';
const LONGEST = 3;

interface TraceEvent {
  readonly name: string;
  readonly tid: number;
  /** Processor time in microseconds: unlike the time on the clock it has nothing of what else the machine does. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

function longestTasks(trace: string): number[] {
  const { traceEvents }: { traceEvents: TraceEvent[] } = JSON.parse(trace);
  const main = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ tid }) => tid),
  );
  const times = traceEvents.flatMap(({ name, tid, tdur = 0 }) => (name === 'RunTask' && main.has(tid) ? [Math.round(tdur / 1_000)] : []));
  return times.sort((one, other) => other - one).slice(0, LONGEST);
}
