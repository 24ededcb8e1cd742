// Processes of test/app/recorder/hops.cjs that call one another, and the plans of traces through them.
import { type App, runApp } from '../support/app.ts';
import { ask } from '../support/web-app.ts';

export interface Hop {
  readonly id: number;
  /** Name of the process, or of its queue. */
  readonly to: string;
  readonly by: 'http' | 'fetch' | 'queue';
  readonly fails?: 'early' | 'late';
  readonly waits?: true;
  readonly dies?: true;
  readonly next: readonly Hop[];
}

export interface Hops {
  readonly apps: ReadonlyMap<string, App>;
  /** Sends the trace on its way, from outside; resolves with its id. */
  run(plan: Hop): Promise<string>;
  stop(): Promise<void>;
}

export interface HopsOptions {
  readonly names: readonly string[];
  readonly redisUrl: string;
  readonly receiverUrl: string;
  readonly env?: (name: string) => Readonly<Record<string, string>>;
  readonly nodeArgs?: (name: string) => readonly string[];
}

/** The recorder is on and head sampling keeps nothing: what arrives was kept. */
const RECORDED = {
  SIETCH_OTEL_RECORDER: 'on',
  SIETCH_OTEL_RECORDER_SLOW_MS: '0',
  SIETCH_OTEL_REDIS_SLOW_MS: '0',
  OTEL_TRACES_SAMPLER: 'parentbased_always_off',
  OTEL_BSP_SCHEDULE_DELAY: '100',
  SIETCH_OTEL_QUEUE_METRICS_INTERVAL_MS: '0',
};

export async function startHops({ names, redisUrl, receiverUrl, env, nodeArgs }: HopsOptions): Promise<Hops> {
  const apps = new Map<string, App>();
  for (const name of names) {
    const own = { ...RECORDED, NAME: name, REDIS_URL: redisUrl, OTEL_SERVICE_NAME: name, ...env?.(name) };
    apps.set(name, runApp('test/app/recorder/hops.cjs', { receiver: { url: receiverUrl }, env: own, nodeArgs: nodeArgs?.(name) ?? [] }));
  }
  const urls: Record<string, string> = {};
  for (const [name, app] of apps) urls[name] = `http://127.0.0.1:${await app.waitForMessage(portOf)}`;
  for (const app of apps.values()) {
    app.send({ urls });
    await app.waitForMessage((message) => (isObject(message) && 'ready' in message ? true : undefined));
  }
  return {
    apps,
    async run(plan) {
      const { body } = await ask(urls[plan.to] ?? '', { method: 'POST', body: JSON.stringify(plan) });
      return body;
    },
    async stop() {
      await Promise.all([...apps.values()].map((app) => app.stop()));
    },
  };
}

/** Names of the spans that a trace has when it is whole, sorted. */
export function spanNames(plan: Hop): string[] {
  return namesOf(plan).sort();
}

function namesOf({ id, to, by, fails, next }: Hop): string[] {
  const own = [by === 'queue' ? `process ${to}` : 'POST', `hop ${id}`, ...(fails === undefined ? [] : [`failure ${id}`])];
  return [...own, ...next.map((hop) => (hop.by === 'queue' ? `send ${hop.to}` : 'POST')), ...next.flatMap(namesOf)];
}

function portOf(message: unknown): number | undefined {
  return isObject(message) && 'port' in message ? Number(message.port) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
