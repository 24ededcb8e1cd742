// The ended spans of recorded traces, as bytes: an object for each would outlive two collections of
// young objects, and cost more than the span itself. They are made into spans again when their trace
// is kept, which is rare; who exports them sees no difference.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { TraceRecording } from '../../context/trace-recording.js';
import { type ByteChain, ByteChains } from './byte-chains.js';
import { SpanVocabulary } from './shared-values.js';
import { type RestoredSpans, SpanReader } from './span-reader.js';
import { type PackedTrace, SpanWriter } from './span-writer.js';

export class PackedSpans {
  readonly #vocabulary = new SpanVocabulary();
  readonly #writer = new SpanWriter(this.#vocabulary);
  readonly #chains: ByteChains;
  /** Traces that have bytes. */
  #owners = 0;

  /** @param bytes that all of them may take */
  constructor(bytes: number) {
    this.#chains = new ByteChains(bytes);
  }

  /** Packs a span that has ended. The length of its bytes, for `append`; 0 where it cannot be. */
  pack(span: ReadableSpan, trace: PackedTrace): number {
    return this.#writer.write(span, trace);
  }

  /** What so many bytes more of a trace take of the room of all. */
  growthOf(trace: ByteChain, length: number): number {
    return this.#chains.growthOf(trace, length);
  }

  /** Appends what was packed last. */
  append(trace: ByteChain, length: number): void {
    if (trace.lastUsed === 0) this.#owners++;
    this.#chains.append(trace, this.#writer.words, length);
  }

  /** The spans of a trace that were packed, as spans of `recording`. */
  restore(trace: ByteChain, recording: TraceRecording): RestoredSpans {
    return new SpanReader(this.#chains.read(trace), this.#vocabulary, recording).readAll();
  }

  free(trace: ByteChain): void {
    if (trace.lastUsed === 0) return;
    this.#chains.free(trace);
    if (--this.#owners === 0 && this.#vocabulary.isFull) this.#vocabulary.clear();
  }
}
