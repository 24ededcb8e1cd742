// Runs test/app/redis-forms.js, or the one of another client, and asks it for one form at a time.
import { expect } from 'vitest';
import { type App, type AppOptions, runApp } from '../../support/app.ts';
import { answering } from '../../support/eventually.ts';
import { type Receiver, type Span, startReceiver } from '../../support/otlp.ts';
import type { Redis } from '../../support/redis.ts';

export interface Answer {
  result: unknown;
  traceId: string;
}

/** Records of `db.client.operation.duration`, by `operation` or `operation|error type`. */
export type Counts = Record<string, number>;

export class FormsApp {
  readonly app: App;
  readonly receiver: Receiver;
  readonly #metricsUrl: string;
  #asked = 0;

  private constructor(app: App, receiver: Receiver, metricsUrl: string) {
    this.app = app;
    this.receiver = receiver;
    this.#metricsUrl = metricsUrl;
  }

  static async start(redisUrl: string, options: AppOptions = {}, file = 'test/app/redis-forms.js'): Promise<FormsApp> {
    const receiver = await startReceiver();
    const app = runApp(file, {
      ...options,
      receiver,
      env: { REDIS_URL: redisUrl, OTEL_LOGS_EXPORTER: 'otlp', ...options.env },
    });
    const [, url] = await app.waitForLine(/metrics to (http:\S+?\/metrics)/);
    return new FormsApp(app, receiver, String(url));
  }

  async run(form: string, options: Record<string, unknown> = {}): Promise<Answer> {
    this.app.send({ form, options });
    const index = this.#asked++;
    const isOf = (message: unknown) => isAnswer(message) && message.done === form && this.#answers().indexOf(message) === index;
    const answer = await this.app.waitForMessage((message) => (isAnswer(message) && isOf(message) ? message : undefined));
    expect(answer.failed).toBeUndefined();
    return { result: answer.result, traceId: String(answer.traceId) };
  }

  #answers(): readonly unknown[] {
    return this.app.messages.filter(isAnswer);
  }

  /** The records that `form` made. */
  async countsOf(form: string, options: Record<string, unknown> = {}): Promise<{ counts: Counts; answer: Answer }> {
    const before = await this.counts();
    const answer = await this.run(form, options);
    const after = await this.counts();
    const counts: Counts = {};
    for (const [name, count] of Object.entries(after)) if (count !== before[name]) counts[name] = count - (before[name] ?? 0);
    return { counts, answer };
  }

  async counts(): Promise<Counts> {
    const counts: Counts = {};
    for (const [, labels = '', count] of (await this.metrics()).matchAll(
      /^db_client_operation_duration(?:_seconds)?_count\{(.*)\} (\d+)/gm,
    )) {
      const name = label(labels, 'db_operation_name');
      const error = label(labels, 'error_type');
      const key = error === undefined ? String(name) : `${name}|${error}`;
      counts[key] = (counts[key] ?? 0) + Number(count);
    }
    return counts;
  }

  async metrics(): Promise<string> {
    return (await answering(this.#metricsUrl)).text();
  }

  /** The spans below the root of a trace, by start, when the root has arrived (it ends last). */
  async spansOf(traceId: string, root = 'root'): Promise<Span[]> {
    const spans = await this.receiver.store.waitForTrace(traceId, (candidates) => candidates.some(({ name }) => name === root));
    return spans.filter(({ name }) => name !== root);
  }

  async stop(): Promise<void> {
    await this.app.stop();
    await this.receiver.close();
  }
}

/** Kills the server when a command of the form `killed` is under way, and starts it again. */
export async function restartUnder(redis: Redis, { app }: FormsApp): Promise<void> {
  await app.waitForMessage((message) => (typeof message === 'object' && message !== null && 'waiting' in message ? true : undefined));
  await redis.kill();
  await redis.restart();
}

function label(labels: string, name: string): string | undefined {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
}

function isAnswer(message: unknown): message is { done: string; failed?: unknown; result?: unknown; traceId?: unknown } {
  return typeof message === 'object' && message !== null && 'done' in message && typeof message.done === 'string';
}
