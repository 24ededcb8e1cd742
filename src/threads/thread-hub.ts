// The main thread's end of the thread channels: puts the spans and log records of worker threads
// into its own queues.
import { BroadcastChannel, type Worker } from 'node:worker_threads';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { addHiddenListener } from '../node/hidden-process-listeners.js';
import { ownChannel, receiveMessage, SHARED_CHANNEL, type ThreadMessage } from './thread-channel.js';
import { fromPlainLogRecord, fromPlainSpan } from './thread-items.js';

/** A queue, or a console exporter. */
export interface Target<Item> {
  add(item: Item): void;
}

export interface HubTargets {
  readonly spans: readonly Target<ReadableSpan>[];
  readonly logs: readonly Target<ReadableLogRecord>[];
}

export class ThreadHub {
  readonly #targets: HubTargets;
  readonly #shared: BroadcastChannel;
  readonly #own = new Map<number, BroadcastChannel>();
  #resource: Resource | undefined;

  constructor(targets: HubTargets) {
    this.#targets = targets;
    this.#shared = this.#listen(SHARED_CHANNEL);
    // A thread that is terminated cannot say bye.
    addHiddenListener('worker', (worker: Worker) => {
      const { threadId } = worker;
      worker.once('exit', () => this.#forget(threadId));
    });
  }

  /**
   * Receives messages that are posted and not delivered yet: at exit the event loop does not
   * deliver them.
   */
  drain(): void {
    for (const channel of [this.#shared, ...this.#own.values()]) this.#drainChannel(channel);
  }

  #drainChannel(channel: BroadcastChannel): void {
    for (let got = receiveMessage(channel); got !== undefined; got = receiveMessage(channel)) this.#take(got.message);
  }

  #listen(name: string): BroadcastChannel {
    const channel = new BroadcastChannel(name);
    channel.onmessage = (event: unknown) => {
      if (typeof event === 'object' && event !== null && 'data' in event) this.#take(event.data);
    };
    channel.unref();
    return channel;
  }

  /** Messages on these channels are ours. */
  #take(message: unknown): void {
    if (!isThreadMessage(message)) return;
    if ('hello' in message) this.#welcome(message.hello);
    else if ('bye' in message) this.#forget(message.bye);
    else this.#enqueue(message);
  }

  #enqueue(message: Extract<ThreadMessage, { span: unknown } | { log: unknown }>): void {
    this.#resource ??= resourceOfProcess();
    if (this.#resource === undefined) return;
    if ('span' in message) {
      const span = fromPlainSpan(message.span, this.#resource);
      for (const target of this.#targets.spans) target.add(span);
    } else {
      const record = fromPlainLogRecord(message.log, this.#resource);
      for (const target of this.#targets.logs) target.add(record);
    }
  }

  #welcome(thread: number): void {
    if (this.#own.has(thread)) return;
    const channel = this.#listen(ownChannel(thread));
    this.#own.set(thread, channel);
    channel.postMessage('listening');
  }

  #forget(thread: number): void {
    const channel = this.#own.get(thread);
    if (channel === undefined) return;
    this.#own.delete(thread);
    this.#drainChannel(channel);
    channel.close();
  }
}

function isThreadMessage(message: unknown): message is ThreadMessage {
  return typeof message === 'object' && message !== null && ['hello', 'bye', 'span', 'log'].some((key) => key in message);
}

/** The SDK shows its resource on spans only; this one is never ended, so never sent. */
function resourceOfProcess(): Resource | undefined {
  const span: object = trace.getTracer('@sietch/otel').startSpan('resource', {}, ROOT_CONTEXT);
  return isReadableSpan(span) ? span.resource : undefined;
}

function isReadableSpan(span: object): span is ReadableSpan {
  return 'resource' in span;
}
