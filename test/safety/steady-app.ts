// The small service under steady load, with a collector of its own that may go away: what it used, what arrived.
import { Agent, get } from 'node:http';
import { type App, type AppOptions, runApp } from '../support/app.ts';
import { type Receiver, startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { sendSteadily } from './soak-load.ts';

export const SPANS_A_REQUEST = 4;

/** Ways for a collector to be. */
export type CollectorState = 'there' | 'gone' | 'hanging';

/** Stays on its port. Knows each span that arrived, once. */
export class SwitchedCollector {
  readonly spanIds = new Set<string>();
  readonly port: number;
  readonly url: string;
  #receiver: Receiver | undefined;

  constructor(port: number) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  async turn(state: CollectorState): Promise<void> {
    await this.#receiver?.close();
    this.#receiver = undefined;
    if (state === 'gone') return;
    const receiver = await startReceiver({ port: this.port, maxSpans: 1, ...(state === 'hanging' ? { handler: () => true } : {}) });
    receiver.onExport(({ spans }) => {
      for (const { spanId } of spans) this.spanIds.add(spanId);
    });
    this.#receiver = receiver;
  }
}

export class SteadyApp {
  readonly app: App;
  readonly port: number;
  requests = 0;
  /** Of each answer, in ms. */
  readonly latenciesMs: number[] = [];
  /** What was no 200. */
  readonly refused: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 20 });

  private constructor(app: App, port: number) {
    this.app = app;
    this.port = port;
  }

  static async start(options: AppOptions): Promise<SteadyApp> {
    const probed = { nodeArgs: ['--expose-gc', '--require', './test/app/probe.cjs'] };
    const app = runApp('test/app/steady-service.cjs', { ...probed, ...options });
    const port = await app.waitForMessage((message) =>
      typeof message === 'object' && message !== null && 'port' in message ? Number(message.port) : undefined,
    );
    return new SteadyApp(app, port);
  }

  run(perSecond: number, milliseconds: number): Promise<void> {
    return sendSteadily(perSecond, milliseconds, () => this.#send());
  }

  async stop(): Promise<string> {
    this.#agent.destroy();
    return (await this.app.stop()).stderr;
  }

  #send(): Promise<void> {
    this.requests++;
    const start = performance.now();
    return new Promise((resolve) => {
      const end = (problem?: string) => {
        if (problem !== undefined) this.refused.push(problem);
        this.latenciesMs.push(performance.now() - start);
        resolve();
      };
      get({ port: this.port, host: '127.0.0.1', path: '/orders/17', agent: this.#agent }, (response) => {
        response.resume().on('end', () => end(response.statusCode === 200 ? undefined : String(response.statusCode)));
      }).on('error', (error) => end(error.message));
    });
  }
}

/** Our own counts, from /metrics. */
export async function counted(app: App, series: RegExp): Promise<number> {
  const [, url = ''] = await app.waitForLine(/metrics to (http\S+\/metrics)/);
  const text = await (await fetch(url)).text();
  const lines = text.split('\n').filter((line) => series.test(line));
  return lines.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
}

export async function startWithCollector(env: AppOptions['env']): Promise<{ collector: SwitchedCollector; steady: SteadyApp }> {
  const collector = new SwitchedCollector(await freePort());
  await collector.turn('there');
  const steady = await SteadyApp.start({ receiver: collector, env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', ...env } });
  return { collector, steady };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
