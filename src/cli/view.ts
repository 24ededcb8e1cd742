// `sietch-otel view`: receives OTLP on this machine and shows traces in the terminal and on a page.
// No Docker needed.

import { hostname } from 'node:os';
import { join } from 'node:path';
import { FinishedTraces } from '../view/finished-traces.js';
import { MetricHistory } from '../view/metric-history.js';
import { Scraper } from '../view/scraper.js';
import { createSite } from '../view/site.js';
import { StoreFile } from '../view/store-file.js';
import { TraceStore } from '../view/trace-store.js';
import { exportTrace } from './view/export-trace.js';
import { listenGrpc, listenHttp } from './view/listen.js';
import { LIMITS, MAX_FILE_BYTES, METRIC_LIMITS, readOptions, USAGE, type ViewOptions } from './view/options.js';
import { QueueDesk } from './view/queue-desk.js';
import { ThisMachine } from './view/this-machine.js';
import { TracePrinter } from './view/trace-printer.js';

/** Runs until SIGINT or SIGTERM, or until nobody reads its output any more. */
export async function view(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options.exported !== undefined) {
    await exportTrace(options.exported, options.host, options.port);
    return 0;
  }
  const stopped = signalled();
  const close = await start(options);
  await stopped;
  await close();
  return 0;
}

async function start(options: ViewOptions): Promise<() => Promise<void>> {
  const { host, port, scraped, redis, prefix, quiet } = options;
  const store = new TraceStore(LIMITS);
  const metrics = new MetricHistory(METRIC_LIMITS);
  store.onAdded((added) => metrics.add(added.metrics));
  const file = options.store === undefined ? undefined : keepIn(options.store, store);
  const scraper = new Scraper(scraped, (found) => store.add({ spans: [], logs: [], metrics: found }));
  const deadLetters = redis === undefined ? undefined : new QueueDesk(redis, prefix);
  const kept = options.store === undefined ? {} : { store: options.store };
  const addresses = { http: '', grpc: '' };
  const machine = new ThisMachine({
    deadLetters,
    status: () => ({
      http: addresses.http,
      ...(addresses.grpc === '' ? {} : { grpc: addresses.grpc }),
      scraped: scraper.endpoints,
      ...kept,
    }),
  });
  const site = createSite(store, { allowedHosts: [host, hostname()], metrics, machine, pageFolder: join(__dirname, 'view') });
  const receiver = await listenHttp({ host, port, store, handler: site });
  addresses.http = receiver.url;
  const grpc = await listenGrpc(store, options).catch(async (error: unknown) => {
    await receiver.close();
    throw error;
  });
  if (grpc !== undefined) addresses.grpc = receiver.url.replace(/\d+$/, String(grpc.port));
  announce(addresses, options);
  const printer = new TracePrinter(store, options);
  const finished = new FinishedTraces((traceId) => printer.print(traceId));
  if (!quiet) store.onAdded((added) => finished.add(added));
  scraper.start();
  return async () => {
    finished.flush();
    if (printer.leftOut > 0)
      process.stderr.write(`sietch-otel: ${printer.leftOut} traces were not printed: the output was read too slowly\n`);
    scraper.stop();
    machine.close();
    file?.close();
    await Promise.all([receiver.close(), grpc?.close(), deadLetters?.close()]);
  };
}

/** Reads what the file has, and writes to it what arrives from now on. */
function keepIn(path: string, store: TraceStore): StoreFile {
  const file = new StoreFile(path, MAX_FILE_BYTES, (message) => {
    process.stderr.write(`sietch-otel: ${path} cannot be written, so nothing more is kept in it: ${message}\n`);
  });
  file.load((telemetry) => store.add(telemetry));
  store.onAdded((added) => file.add(added));
  return file;
}

/** Lines of JSON stand alone on the output. */
function announce({ http, grpc }: { readonly http: string; readonly grpc: string }, { json }: ViewOptions): void {
  const overGrpc = grpc === '' ? '' : `gRPC on ${grpc}; `;
  const line = `Receiving OTLP on ${http}, page at ${http}/  (${overGrpc}Ctrl+C ends it)\n`;
  (json ? process.stderr : process.stdout).write(line);
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    // The reader of a pipe has gone: `sietch-otel view | head`.
    process.stdout.once('error', () => resolve());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
