// Any upstream span exporter behind our queue (Zipkin). What is left at exit cannot be handed over: only the exporter knows the format.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { HandedRequest, Sender, SendResult } from './sender.js';

export class ExporterSender implements Sender<ReadableSpan> {
  readonly target: string;
  readonly #load: () => SpanExporter;
  #exporter: SpanExporter | undefined;

  /** @param target where to, for people. */
  constructor(target: string, load: () => SpanExporter) {
    this.target = target;
    this.#load = load;
  }

  async send(items: readonly ReadableSpan[], timeoutMs: number): Promise<SendResult> {
    this.#exporter ??= this.#load();
    const exporter = this.#exporter;
    const resource = items[0]?.resource;
    if (resource?.asyncAttributesPending === true) await resource.waitForAsyncAttributes?.();
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ status: 'retry', reason: `no answer within ${timeoutMs} ms` }), timeoutMs);
      timer.unref();
      exporter.export([...items], ({ code, error }) => {
        clearTimeout(timer);
        resolve(code === 0 ? { status: 'sent' } : { status: 'retry', reason: error?.name ?? 'the exporter failed' });
      });
    });
  }

  handOver(): HandedRequest | undefined {
    return undefined;
  }

  async shutdown(): Promise<void> {
    await this.#exporter?.shutdown();
  }
}
