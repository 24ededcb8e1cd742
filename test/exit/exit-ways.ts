// The ways a process can end, run bare and under the preload: shared by the test and by the script that prints the table.
import { type AppOptions, runApp } from '../support/app.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';

export interface Way {
  /** Argument of test/app/exit-ways.cjs. */
  readonly way: string;
  readonly signal?: 'SIGTERM' | 'SIGINT';
  /** Names of the spans that must arrive, and texts of the log records. */
  readonly spans: readonly string[];
  readonly logs: readonly string[];
  /** What it needs beside the preload. */
  readonly env?: Readonly<Record<string, string>>;
}

const WORK = { spans: ['work'], logs: ['work'] };
const DRAIN = { spans: ['work', 'drain'], logs: ['work', 'drain'] };
const UNCAUGHT = { spans: ['work', 'uncaught error'], logs: ['work', 'uncaught error'] };

function both(way: string, expected: Pick<Way, 'spans' | 'logs'>): Way[] {
  return [
    { way, signal: 'SIGTERM', ...expected },
    { way, signal: 'SIGINT', ...expected },
  ];
}

export const WAYS: readonly Way[] = [
  { way: 'exit', ...WORK },
  { way: 'throw', ...UNCAUGHT },
  { way: 'throw in a span', spans: ['work', 'request'], logs: ['work', 'uncaught error'] },
  { way: 'throw in a span, listener exits', spans: ['work', 'request'], logs: ['work', 'uncaught error'] },
  { way: 'throw, caught', ...UNCAUGHT },
  { way: 'reject', ...UNCAUGHT },
  { way: 'natural', ...WORK },
  { way: 'exit code', ...WORK },
  { way: 'beforeExit listener', ...WORK },
  { way: 'exit listener', ...DRAIN },
  ...both('signal', WORK),
  ...both('signal, listener exits', DRAIN),
  ...both('signal, listener lets go', DRAIN),
  ...both('signal, listener prepended once', DRAIN),
  ...both('signal, listener kills', DRAIN),
  ...both('signal, listener removed', WORK),
  ...both('signal, listener counts', WORK),
  {
    way: 'worker terminated',
    spans: ['work', 'terminate: parent', 'terminate: child'],
    logs: ['work', 'terminate'],
    env: { SIETCH_OTEL_WORKER_THREADS: 'on' },
  },
  { way: 'signal, emitted by the app', signal: 'SIGTERM', ...WORK },
];

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** From the app's last act, or from the signal, to the end of the process. */
  readonly ms: number;
}

/** Ends an app in one way. */
export async function end(
  { way, signal, env }: Pick<Way, 'way' | 'signal' | 'env'>,
  options: AppOptions,
  file = 'test/app/exit-ways.cjs',
): Promise<Ending> {
  const app = runApp(file, {
    args: signal === undefined ? [way] : [way, signal],
    ...options,
    env: { ...options.env, ...env },
  });
  const ended = new Promise<number>((resolve) => app.child.once('exit', () => resolve(performance.now())));
  await app.waitForLine(/^ending$/);
  if (signal !== undefined && way !== 'signal, emitted by the app') {
    await app.waitForLine(/^ready$/);
    app.signal(signal);
  }
  const start = performance.now();
  const exit = await app.waitForExit();
  return { ...exit, ms: (await ended) - start };
}

/** Long delays: what arrives, arrives because of the end. A long bound: a busy machine may take longer than the second of the default. */
export const ENV = {
  SIETCH_OTEL_SHUTDOWN_MS: '20000',
  SIETCH_OTEL_BANNER: 'off',
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_BSP_SCHEDULE_DELAY: '60000',
  OTEL_BLRP_SCHEDULE_DELAY: '60000',
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
};

export interface Arrival {
  readonly ending: Ending;
  readonly spans: readonly string[];
  readonly logs: readonly string[];
  readonly receiver: Receiver;
}

/** Ends an app under the preload and reports what arrived. */
export async function endObserved(way: Way, options: AppOptions = {}): Promise<Arrival> {
  const receiver = await startReceiver();
  try {
    const ending = await end(way, { receiver, ...options, env: { ...ENV, ...options.env } });
    const { spans, logs } = receiver.store;
    return { ending, spans: spans.map(({ name }) => name), logs: logs.map(({ body }) => String(body)), receiver };
  } finally {
    await receiver.close();
  }
}

/** A collector that takes connections and never answers. */
export function startHangingCollector(): Promise<Receiver> {
  return startReceiver({ handler: () => true });
}
