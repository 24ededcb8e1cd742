// Combines the span processors of the process into one, and keeps what those of the app throw away
// from the app's own code.
import type { Context } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { ProcessorTrouble } from '../processor-trouble.js';

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
  readonly #trouble = new ProcessorTrouble();

  constructor(given: SpanProcessor) {
    this.#given = given;
  }

  onStart(span: Span, parentContext: Context): void {
    try {
      this.#given.onStart(span, parentContext);
    } catch (error) {
      this.#trouble.report('onStart', error);
    }
  }

  onEnding(span: Span): void {
    try {
      this.#given.onEnding?.(span);
    } catch (error) {
      this.#trouble.report('onEnding', error);
    }
  }

  onEnd(span: ReadableSpan): void {
    try {
      this.#given.onEnd(span);
    } catch (error) {
      this.#trouble.report('onEnd', error);
    }
  }

  async forceFlush(): Promise<void> {
    try {
      await this.#given.forceFlush();
    } catch (error) {
      this.#trouble.report('forceFlush', error);
    }
  }

  async shutdown(): Promise<void> {
    try {
      await this.#given.shutdown();
    } catch (error) {
      this.#trouble.report('shutdown', error);
    }
  }
}
