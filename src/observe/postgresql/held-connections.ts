// Finds connections that somebody has checked out of a pool, does nothing with and does not give
// back: each place that does so is reported once. A pool that runs dry of them says no more than
// that callers wait (node-postgres#1777, #3543).
import type { Context } from '@opentelemetry/api';
import type { SettingsOf } from '../../config/setting.js';
import { commenterTagsOf } from '../../context/commenter-tags.js';
import { warn } from '../../diagnose/diagnostics.js';
import { type CapturedStack, stackText } from '../caller-stack.js';
import type { querySettings } from './settings.js';

/** One connection that is checked out; times are readings of `performance.now()`. */
export interface HeldConnection {
  /** Name of the pool. */
  readonly pool: string;
  /** That of who has it. */
  readonly context: Context;
  readonly heldSince: number;
  /** When it was used last; undefined while a query runs. */
  readonly idleSince: number | undefined;
  /** Where it was checked out, with `SIETCH_OTEL_PG_CHECKOUT_STACKS=on`. */
  readonly stack: CapturedStack | undefined;
}

type Settings = Pick<SettingsOf<typeof querySettings>, 'leakMs'>;

const MAX_PERIOD_MS = 60_000;
const MIN_PERIOD_MS = 20;
/** Places that are remembered; more than that are not reported. */
const MAX_PLACES = 100;
const MAX_FRAMES = 3;

export class HeldConnections {
  readonly #settings: Settings;
  readonly #list: () => Iterable<HeldConnection>;
  readonly #reported = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param list what is checked out at this moment */
  constructor(settings: Settings, list: () => Iterable<HeldConnection>) {
    this.#settings = settings;
    this.#list = list;
  }

  /** There is a pool: looks at what is checked out from now on. */
  watch(): void {
    const { leakMs } = this.#settings;
    const periodMs = leakMs === 0 ? MAX_PERIOD_MS : Math.min(MAX_PERIOD_MS, Math.max(MIN_PERIOD_MS, leakMs / 10));
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
      this.watch();
    }, periodMs).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    const { leakMs } = this.#settings;
    if (leakMs === 0) return;
    const now = performance.now();
    for (const held of this.#list()) {
      const { heldSince, idleSince } = held;
      if (idleSince !== undefined && now - Math.max(heldSince, idleSince) >= leakMs) this.#report(held, now);
    }
  }

  #report({ pool, context, heldSince, stack }: HeldConnection, now: number): void {
    const frames = stackText(stack)?.split('\n').slice(0, MAX_FRAMES).join(' ');
    const holder = holderOf(context);
    const place = frames ?? holder;
    if (this.#reported.has(place) || this.#reported.size >= MAX_PLACES) return;
    this.#reported.add(place);
    const detail = `pool ${pool}, by ${holder} ${Math.round((now - heldSince) / 1000)} s ago`;
    if (frames === undefined) warn('SIETCH235', detail);
    else warn('SIETCH235', `${detail}, ${frames}`, 'release it in a finally, also where the code before it throws');
  }
}

/** Names alone, as in SQL comments. */
function holderOf(context: Context): string {
  const { route, queue, job } = commenterTagsOf(context);
  if (job !== undefined || queue !== undefined) return `job ${[queue, job].filter((name) => name !== undefined).join(' ')}`;
  return route === undefined ? 'no request or job' : `route ${route}`;
}
