// The command line of `sietch-otel view`.

import { getHeapStatistics } from 'node:v8';
import { parseArguments, UsageError } from '../command.js';
import { readRedisUrl, readUrl } from '../dead-letter-queue.js';

const DEFAULT_PORT = 4318;
const DEFAULT_GRPC_PORT = 4317;
const MAX_SCRAPED = 20;
const MEBIBYTE = 1024 * 1024;
/** For spans, and as many for log records: small enough for the heap that Node.js may use. */
const MAX_BYTES = Math.round(Math.min(256 * MEBIBYTE, Math.max(24 * MEBIBYTE, getHeapStatistics().heap_size_limit / 8)));
export const LIMITS = { maxSpans: 100_000, maxLogs: 50_000, maxBytes: MAX_BYTES };
/** The most that the file of `--store` takes. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;
export const METRIC_LIMITS = { maxSeries: 4_000, maxBytes: 32 * 1024 * 1024 };

const OPTIONS = {
  port: { type: 'string' },
  'grpc-port': { type: 'string' },
  'no-grpc': { type: 'boolean' },
  host: { type: 'string' },
  scrape: { type: 'string', multiple: true },
  store: { type: 'string' },
  redis: { type: 'string' },
  prefix: { type: 'string' },
  service: { type: 'string' },
  errors: { type: 'boolean' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  export: { type: 'string' },
  color: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const USAGE = `Usage: sietch-otel view [options]
       sietch-otel view --export <trace id> [--port <number>] > trace.json

Receives OTLP over HTTP (protobuf or JSON) and gRPC: traces, logs, metrics. Prints each trace as a waterfall once it has
stopped growing, and serves a page to search in them. Keeps the last ${LIMITS.maxSpans} spans and ${LIMITS.maxLogs} log records in memory,
${Math.floor(MAX_BYTES / MEBIBYTE)} MiB of each at most. Ends by Ctrl+C.

  --port <number>       port for OTLP over HTTP and the page (default ${DEFAULT_PORT}; 0: any free one)
  --grpc-port <number>  port for OTLP over gRPC (default ${DEFAULT_GRPC_PORT}, unless it is taken; 0: any free one)
  --no-grpc             take OTLP over HTTP alone
  --host <address>      address to listen on (default 127.0.0.1; 0.0.0.0 lets other machines and containers send, and look)
  --scrape <url>        read metrics from this Prometheus endpoint, too, each 5 seconds; can be given several times
  --store <file>        keep what arrives in this file, across a restart (SQLite; needs Node.js 22.13 or later)
  --redis <url>         list and replay dead letters of the WebhookQueues in this Redis, on the page
  --prefix <prefix>     key prefix of those queues (default: bull)
  --service <name>      print only traces of this service
  --errors              print only traces with an error
  --json                print each trace as one line of JSON
  --quiet               print no traces: the page only
  --export <trace id>   print this trace of the viewer that runs on --port as OTLP JSON, and end
  --color, --no-color
  --help, --version
`;

export interface ViewOptions {
  readonly port: number;
  /** Undefined: none. */
  readonly grpcPort: number | undefined;
  /** Whether that port was asked for: else the viewer does without it when it is taken. */
  readonly wantsGrpc: boolean;
  readonly host: string;
  readonly scraped: readonly string[];
  /** File. */
  readonly store: string | undefined;
  readonly redis: string | undefined;
  readonly prefix: string;
  readonly service: string | undefined;
  readonly errors: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly exported: string | undefined;
  /** Asked for or forbidden; undefined: as the terminal has it. */
  readonly color: boolean | undefined;
}

/** @throws {UsageError} */
export function readOptions(argv: readonly string[]): ViewOptions | 'help' {
  const { values } = parseArguments(argv, USAGE, { options: OPTIONS });
  if (values.help === true) return 'help';
  const port = readPort('--port', values.port ?? String(DEFAULT_PORT));
  const grpcPort = values['no-grpc'] === true ? undefined : readPort('--grpc-port', values['grpc-port'] ?? defaultGrpcPort(port));
  const scraped = (values.scrape ?? []).map((url) => readUrl('--scrape', url, /^https?:$/, 'http:// or https://'));
  if (scraped.length > MAX_SCRAPED) throw new UsageError(`Expected at most ${MAX_SCRAPED} \`--scrape\`, got ${scraped.length}`);
  return {
    port,
    grpcPort,
    wantsGrpc: values['grpc-port'] !== undefined,
    host: values.host ?? '127.0.0.1',
    scraped,
    store: values.store === undefined ? undefined : readFile(values.store),
    redis: values.redis === undefined ? undefined : readRedisUrl('--redis', values.redis),
    prefix: values.prefix ?? 'bull',
    service: values.service,
    errors: values.errors ?? false,
    json: values.json ?? false,
    quiet: values.quiet ?? false,
    exported: values.export === undefined ? undefined : readTraceId(values.export),
    color: values['no-color'] === true ? false : values.color,
  };
}

/** A viewer on a port of its own takes no port that another one may have. */
function defaultGrpcPort(port: number): string {
  return port === DEFAULT_PORT ? String(DEFAULT_GRPC_PORT) : '0';
}

function readPort(option: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`Expected \`${option}\` to be a number from 0 to 65535, got ${JSON.stringify(text)}`);
}

function readFile(text: string): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw new UsageError('Expected `--store` to be the path of a file');
}

function readTraceId(text: string): string {
  if (/^[0-9a-f]{32}$/i.test(text)) return text.toLowerCase();
  throw new UsageError(`Expected \`--export\` to be a trace id of 32 hexadecimal digits, got ${JSON.stringify(text)}`);
}
