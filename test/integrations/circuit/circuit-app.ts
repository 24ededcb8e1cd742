// Drives the apps of test/app that hold a breaker: one command at a time, over process.send.
import { type App, type AppOptions, runApp } from '../../support/app.ts';
import { answering } from '../../support/eventually.ts';
import { freePort } from '../../support/ports.ts';

export interface Fired {
  fired: string;
  traceId?: string;
  result?: string;
  code?: string;
}

export interface CircuitApp {
  app: App;
  /** What it said when it was ready. */
  ready: Fired;
  /** Calls through the breaker. */
  fire(): Promise<Fired>;
  command(name: string): Promise<Fired>;
  /** What the metrics endpoint says now. */
  scrape(accept?: string): Promise<string>;
}

export async function startCircuitApp(file: string, options: AppOptions = {}): Promise<CircuitApp> {
  const port = await freePort();
  const app = runApp(file, { ...options, env: { OTEL_EXPORTER_PROMETHEUS_PORT: String(port), ...options.env } });
  const ready = await answerTo(app, 'ready');
  let number = 0;
  const command = (name: string): Promise<Fired> => {
    const id = `${name}-${number++}`;
    app.send({ [name]: id });
    return answerTo(app, id);
  };
  return {
    app,
    ready,
    fire: () => command('fire'),
    command,
    scrape: async (accept = 'text/plain') => (await answering(`http://127.0.0.1:${port}/metrics`, { headers: { accept } })).text(),
  };
}

function answerTo(app: App, id: string): Promise<Fired> {
  return app.waitForMessage((message) => (isFired(message) && message.fired === id ? message : undefined));
}

function isFired(message: unknown): message is Fired {
  return typeof message === 'object' && message !== null && 'fired' in message;
}

/** The value of a series, without regard to labels of the scope. */
export function seriesValue(text: string, metric: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const line = text.split('\n').find((candidate) => {
    if (!candidate.startsWith(`${metric}{`) && !candidate.startsWith(`${metric} `)) return false;
    return Object.entries(labels).every(([name, value]) => candidate.includes(`${name}="${value}"`));
  });
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ') + 1));
}
