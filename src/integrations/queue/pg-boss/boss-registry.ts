// The pg-boss instances that are started, and the last reading of the queues of each. Held weakly:
// one that is stopped or forgotten is no longer read or reported.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { DepthSource, QueueDepth } from '../depth-gauges.js';
import { LastReading } from '../last-reading.js';
import { type BossDatabase, type BossInstance, databaseOf } from './boss-database.js';
import { BossReader, type BossReading, STATES } from './boss-reader.js';

/** An app makes one, or one for each of its databases. */
const MAX_INSTANCES = 20;
/** Queues with gauges; those that are empty for the time being keep theirs. */
const MAX_QUEUES = 1_000;
const untraced = suppressTracing(ROOT_CONTEXT);

interface KnownBoss {
  readonly instance: WeakRef<BossInstance>;
  readonly reader: BossReader;
  readonly last: LastReading<BossReading>;
  /** Names of queues that have had jobs. */
  readonly names: Set<string>;
}

export class BossRegistry implements DepthSource {
  readonly states = STATES;
  readonly #bosses = new Set<KnownBoss>();
  #intervalMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Begins to read every `intervalMs`; 0 reads nothing. */
  start(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (intervalMs > 0) this.#timer = setInterval(() => this.#readAll(), intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#bosses.clear();
  }

  add(instance: BossInstance): void {
    if (this.#bosses.size >= MAX_INSTANCES || this.#find(instance) !== undefined) return;
    const database = databaseIn(instance);
    if (database === undefined) return;
    this.#bosses.add({
      instance: new WeakRef(instance),
      reader: new BossReader(database),
      last: new LastReading(),
      names: new Set(),
    });
  }

  /** Called when an instance begins to stop: its connections are not to be used any more. */
  remove(instance: BossInstance): void {
    const known = this.#find(instance);
    if (known !== undefined) this.#bosses.delete(known);
  }

  *queues(): Generator<{ name: string; ageSeconds: number; reading: QueueDepth | undefined }> {
    if (this.#intervalMs === 0) return;
    for (const { names, last } of this.#bosses) {
      const { ageSeconds, reading } = last.look(this.#intervalMs);
      for (const name of names) yield { name, ageSeconds, reading: depthOf(name, reading) };
    }
  }

  #find(instance: BossInstance): KnownBoss | undefined {
    return [...this.#bosses].find((known) => known.instance.deref() === instance);
  }

  #readAll(): void {
    for (const boss of this.#bosses) {
      if (boss.instance.deref() === undefined) this.#bosses.delete(boss);
      else void context.with(untraced, () => boss.last.take(() => read(boss)));
    }
  }
}

/** Called where the app starts it, which nothing of ours may keep from that. */
function databaseIn(instance: BossInstance): BossDatabase | undefined {
  try {
    return databaseOf(instance);
  } catch {
    return undefined;
  }
}

async function read({ reader, names }: KnownBoss): Promise<BossReading> {
  const reading = await reader.read();
  for (const name of [...reading.waiting.keys(), ...(reading.scanned?.keys() ?? [])]) {
    if (names.size < MAX_QUEUES) names.add(name);
  }
  return reading;
}

function depthOf(name: string, reading: BossReading | undefined): QueueDepth | undefined {
  if (reading === undefined) return undefined;
  const { waiting = 0, delayed = 0, oldestWaiting = 0 } = reading.waiting.get(name) ?? {};
  const scanned = reading.scanned === undefined ? {} : (reading.scanned.get(name) ?? { active: 0, completed: 0, cancelled: 0, failed: 0 });
  return { counts: { waiting, delayed, ...scanned }, oldestWaiting, oldestActive: undefined };
}
