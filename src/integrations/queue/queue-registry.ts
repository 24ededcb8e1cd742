// The queues this process uses, and the last reading of each. Held weakly: a queue that is closed
// or forgotten is no longer read or reported.
import type { QueueInstance } from './bullmq-module.js';
import type { DepthSource } from './depth-gauges.js';
import { KeptMarks } from './kept-marks.js';
import { LastReading } from './last-reading.js';
import { streamPlaces } from './mark-stream.js';
import { OwnConnections } from './own-connections.js';
import { qualifiedName } from './queue-keys.js';
import { QueueReader, type Reading, STATES } from './queue-reader.js';

/** One queue by name, whatever number of Queue and Worker objects there are for it. */
interface KnownQueue {
  readonly name: string;
  readonly instances: Set<WeakRef<QueueInstance>>;
  readonly last: LastReading<Reading>;
}

/** Queues read at most; an app that makes more of them has no gauges for the rest. */
const MAX_QUEUES = 1000;

export class QueueRegistry implements DepthSource {
  readonly states = STATES;
  readonly #queues = new Map<string, KnownQueue>();
  readonly #known = new WeakSet<QueueInstance>();
  readonly #connections = new OwnConnections();
  readonly #reader = new QueueReader(this.#connections);
  readonly marks = new KeptMarks(
    streamPlaces(this.#connections, () => this.#instances()),
    () => this.#queues.size > 0,
  );
  #intervalMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Begins to read each queue every `intervalMs`; 0 reads none. */
  start(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (intervalMs > 0) this.#timer = setInterval(() => this.#readAll(), intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#queues.clear();
    this.#connections.close();
  }

  add(instance: QueueInstance): void {
    if (this.#known.has(instance)) return;
    this.#known.add(instance);
    const key = qualifiedName(instance);
    const queue = this.#queues.get(key) ?? { name: instance.name, instances: new Set(), last: new LastReading() };
    queue.instances.add(new WeakRef(instance));
    if (this.#queues.size < MAX_QUEUES) this.#queues.set(key, queue);
  }

  /**
   * Called when an instance begins to close: connections for its queue must not hold the process.
   */
  remove(instance: QueueInstance): void {
    for (const [key, queue] of this.#queues) {
      for (const reference of queue.instances) {
        const other = reference.deref();
        if (other === undefined || other === instance || isClosing(other)) queue.instances.delete(reference);
      }
      if (queue.instances.size === 0) this.#queues.delete(key);
    }
    if (this.#queues.size === 0) this.#connections.close();
  }

  /** The queues, with readings that are young enough. */
  *queues(): Generator<{ name: string; ageSeconds: number; reading: Reading | undefined }> {
    if (this.#intervalMs === 0) return;
    for (const { name, last } of this.#queues.values()) yield { name, ...last.look(this.#intervalMs) };
  }

  /** One of each queue. */
  *#instances(): Generator<QueueInstance> {
    for (const queue of this.#queues.values()) {
      const instance = liveInstance(queue);
      if (instance !== undefined) yield instance;
    }
  }

  #readAll(): void {
    for (const [key, queue] of this.#queues) {
      const instance = liveInstance(queue);
      if (instance === undefined) this.#queues.delete(key);
      else void queue.last.take(() => this.#reader.read(instance));
    }
    if (this.#queues.size === 0) this.#connections.close();
  }
}

function liveInstance(queue: KnownQueue): QueueInstance | undefined {
  for (const reference of queue.instances) {
    const instance = reference.deref();
    if (instance !== undefined && !isClosing(instance)) return instance;
    queue.instances.delete(reference);
  }
  return undefined;
}

function isClosing(instance: QueueInstance): boolean {
  return instance.closing !== undefined && instance.closing !== false;
}
