// Combines the span processors of the process into one, and keeps what those of the app throw away
// from the app's own code.
import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { GuardedCalls } from '../guarded-calls.js';

const COMMENT = /\/\/.*|\/\*[\s\S]*?\*\//g;
/** A function that does nothing: the `onStart` of upstream's batch, simple and no-op processors. */
const EMPTY = /^[^{]*\{\s*\}$/;

/** Upstream's MultiSpanProcessor does this too, but is not exported. */
export class SpanProcessors implements SpanProcessor {
  readonly #processors: readonly SpanProcessor[];

  constructor(processors: readonly SpanProcessor[]) {
    this.#processors = processors;
  }

  onStart(span: Span, parentContext: Context): void {
    for (const processor of this.#processors) processor.onStart(span, parentContext);
  }

  onEnding(span: Span): void {
    for (const processor of this.#processors) processor.onEnding?.(span);
  }

  onEnd(span: ReadableSpan): void {
    for (const processor of this.#processors) processor.onEnd(span);
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#processors.map((processor) => processor.forceFlush()));
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#processors.map((processor) => processor.shutdown()));
  }
}

/** Whether the processor has to see spans before their end: each is then started as an object. */
export function wantsOpenSpans({ onStart, onEnding }: SpanProcessor): boolean {
  return onEnding !== undefined || !EMPTY.test(Function.prototype.toString.call(onStart).replace(COMMENT, ''));
}

/**
 * A processor of the app. What it throws goes to one line on stderr, not to the code that starts or
 * ends the span.
 */
export class AppSpanProcessor implements SpanProcessor {
  readonly #given: SpanProcessor;
  readonly #calls = new GuardedCalls();

  constructor(given: SpanProcessor) {
    this.#given = given;
  }

  onStart(span: Span, parentContext: Context): void {
    this.#calls.attempt('onStart', () => this.#given.onStart(span, parentContext), undefined);
  }

  onEnding(span: Span): void {
    this.#calls.attempt('onEnding', () => this.#given.onEnding?.(span), undefined);
  }

  onEnd(span: ReadableSpan): void {
    this.#calls.attempt('onEnd', () => this.#given.onEnd(span), undefined);
  }

  forceFlush(): Promise<void> {
    return this.#calls.settle('forceFlush', () => this.#given.forceFlush());
  }

  shutdown(): Promise<void> {
    return this.#calls.settle('shutdown', () => this.#given.shutdown());
  }
}
