// `sietch-otel view`: receives OTLP on this machine and shows traces in the terminal and on a page.
// No Docker needed.

import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { FinishedTraces } from '../view/finished-traces.js';
import { type Receiver, startReceiver } from '../view/receiver.js';
import { createSite } from '../view/site.js';
import { TraceStore } from '../view/trace-store.js';
import { renderWaterfall } from '../view/waterfall.js';
import { UsageError } from './command.js';

const DEFAULT_PORT = 4318;
/** Metrics are taken, since senders send them, but not shown. */
const LIMITS = { maxSpans: 20_000, maxLogs: 20_000, maxMetrics: 500, maxBytes: 48 * 1024 * 1024 };
const MAX_UNWRITTEN_BYTES = 16 * 1024 * 1024;
const USAGE = `Usage: sietch-otel view [options]

Receives OTLP over HTTP (traces, logs, metrics; protobuf or JSON), prints each trace as a waterfall once it has
stopped growing, and serves a page to search in them. Keeps the last ${LIMITS.maxSpans} spans in memory, ${LIMITS.maxBytes / 1024 / 1024} MiB of them at
most. Ends by Ctrl+C.

  --port <number>    port to listen on, for telemetry and the page (default ${DEFAULT_PORT}; 0: any free one)
  --host <address>   address to listen on (default 127.0.0.1; 0.0.0.0 lets other machines and containers send, and look)
  --service <name>   print only traces of this service
  --errors           print only traces with an error
  --quiet            print no traces: the page only
  --color, --no-color
  --help, --version
`;

interface ViewOptions {
  port: number;
  host: string;
  service: string | undefined;
  errors: boolean;
  quiet: boolean;
  color: boolean;
}

/** Runs until SIGINT or SIGTERM, or until nobody reads its output any more. */
export async function view(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const store = new TraceStore(LIMITS);
  const stopped = signalled();
  const receiver = await listen(store, options);
  process.stdout.write(`Receiving OTLP on ${receiver.url}, page at ${receiver.url}/  (Ctrl+C ends it)\n`);
  const finished = new FinishedTraces((traceId) => print(store, traceId, options));
  if (!options.quiet) receiver.onExport((received) => finished.add(received));
  await stopped;
  finished.flush();
  await receiver.close();
  return 0;
}

function readOptions(argv: readonly string[]): ViewOptions | 'help' {
  const values = parse(argv);
  if (values.help === true) return 'help';
  const port = values.port ?? String(DEFAULT_PORT);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`Expected \`--port\` to be a number from 0 to 65535, got ${JSON.stringify(port)}`);
  }
  const terminal = process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '';
  return {
    port: Number(port),
    host: values.host ?? '127.0.0.1',
    service: values.service,
    errors: values.errors ?? false,
    quiet: values.quiet ?? false,
    color: values['no-color'] === true ? false : (values.color ?? terminal),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        service: { type: 'string' },
        errors: { type: 'boolean' },
        quiet: { type: 'boolean' },
        color: { type: 'boolean' },
        'no-color': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

async function listen(store: TraceStore, { host, port }: ViewOptions): Promise<Receiver> {
  try {
    return await startReceiver({ host, port, store, handler: createSite(store, { allowedHosts: [host, hostname()] }) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const explain = CANNOT_LISTEN[code];
    throw explain === undefined ? error : new Error(`${explain(host, port)} (${code})`);
  }
}

const CANNOT_LISTEN: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (host, port) =>
    `port ${port} of ${host} is taken: is a collector running, or another viewer? ` +
    'Stop it, or take another port: sietch-otel view --port 14318, and OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318 for the app',
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EADDRNOTAVAIL: (host) => `${host} is not an address of this machine: give \`--host\` one that is, or 0.0.0.0 for all of them`,
  EACCES: (_host, port) => `this user may not listen on port ${port}: give \`--port\` a number above 1023`,
};

function unknownHost(host: string): string {
  return `the host name ${JSON.stringify(host)} is not known: give \`--host\` an address of this machine, or leave it away for 127.0.0.1`;
}

function print(store: TraceStore, traceId: string, options: ViewOptions): void {
  // A terminal or a pipe that is slower than the traces come does not fill the memory.
  if (process.stdout.writableLength > MAX_UNWRITTEN_BYTES) return;
  const { spans, logs } = store.trace(traceId);
  if (spans.length === 0) return;
  if (options.service !== undefined && !spans.some((span) => span.service === options.service)) return;
  if (options.errors && !spans.some((span) => span.status.code === 'ERROR')) return;
  const text = renderWaterfall(spans, logs, { width: process.stdout.columns ?? 120, colors: options.color });
  process.stdout.write(`\n${text}\n`);
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    // The reader of a pipe has gone: `sietch-otel view | head`.
    process.stdout.once('error', () => resolve());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
