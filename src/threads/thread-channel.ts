// The channel over which a worker thread sends its spans and log records to the main thread, whose
// exporter sends them. Each is posted at once, so that worker.terminate() loses none that had
// ended. A thread has a channel of its own, used once the main thread has confirmed that it listens
// there. Until then messages go over the channel that all threads share, on which the main thread
// listens from its start.
import { BroadcastChannel, receiveMessageOnPort, threadId } from 'node:worker_threads';
import type { LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { type PlainLogRecord, type PlainSpan, toPlainLogRecord, toPlainSpan } from './thread-items.js';

export const SHARED_CHANNEL = '@sietch/otel.threads';

/** The name of the channel of one thread. */
export function ownChannel(thread: number): string {
  return `${SHARED_CHANNEL}.${thread}`;
}

/** `hello` asks the main thread to listen to the thread's own channel; `bye` ends that. */
export type ThreadMessage =
  | { readonly hello: number }
  | { readonly bye: number }
  | { readonly span: PlainSpan }
  | { readonly log: PlainLogRecord };

/**
 * The next message that has been posted, without waiting. receiveMessageOnPort() takes a
 * BroadcastChannel too (https://nodejs.org/api/worker_threads.html), which its type does not say.
 */
export function receiveMessage(channel: BroadcastChannel): { readonly message: unknown } | undefined {
  return Reflect.apply(receiveMessageOnPort, undefined, [channel]);
}

export class ThreadChannel {
  readonly #own = new BroadcastChannel(ownChannel(threadId));
  #shared: BroadcastChannel | undefined = new BroadcastChannel(SHARED_CHANNEL);

  constructor() {
    this.#own.unref();
    this.#shared?.unref();
    this.#post({ hello: threadId });
    process.once('exit', () => this.#post({ bye: threadId }));
  }

  sendSpan(span: ReadableSpan): void {
    this.#post({ span: toPlainSpan(span, threadId) });
  }

  sendLogRecord(record: ReadWriteLogRecord): void {
    this.#post({ log: toPlainLogRecord(record, threadId) });
  }

  #post(message: ThreadMessage): void {
    try {
      if (this.#shared !== undefined && receiveMessage(this.#own) !== undefined) {
        this.#shared.close();
        this.#shared = undefined;
      }
      (this.#shared ?? this.#own).postMessage(message);
    } catch {
      // A value that cannot be cloned: the item is lost, the app is not.
    }
  }
}

export class ThreadSpanProcessor implements SpanProcessor {
  readonly #channel: ThreadChannel;

  constructor(channel: ThreadChannel) {
    this.#channel = channel;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & 1) !== 0) this.#channel.sendSpan(span);
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

export class ThreadLogProcessor implements LogRecordProcessor {
  readonly #channel: ThreadChannel;

  constructor(channel: ThreadChannel) {
    this.#channel = channel;
  }

  onEmit(record: ReadWriteLogRecord): void {
    this.#channel.sendLogRecord(record);
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
