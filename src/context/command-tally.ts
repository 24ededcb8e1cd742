// The command tally: counts the Redis commands of a library that sends many (BullMQ) instead of
// making a span for each. Such a library runs in a context that is a tally, and the redis
// integration adds each command in it.
import { type Context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { ChildContext } from './child-context.js';

/**
 * Number and time of the Redis commands in one context. Grows while the context is in use; read it
 * when the work is done.
 */
export interface CommandTally {
  /** Commands handed to the client, those still unanswered too. */
  calls: number;
  /**
   * Milliseconds from call to answer, added up over the answered commands: commands in parallel
   * count side by side.
   */
  timeMs: number;
}

const KEY = createContextKey('sietch-otel.command-tally');
const APP_CONTEXT = createContextKey('sietch-otel.queue.app-context');
const SUPPRESSED = suppressTracing(ROOT_CONTEXT);

/**
 * The context of a library's own work, in the place of the app's: nothing in it makes spans, Redis
 * commands are counted in it. Duration metrics are recorded as ever. It is asked at each command,
 * so what is asked most is found without a search: by `instanceof`. Another copy of this package
 * finds the same by key. It is the `Caller` of its commands itself (observe/caller.ts): an object
 * for each job that holds seven constants would be one too many.
 */
export class TalliedContext implements Context, CommandTally {
  readonly appContext: Context;
  calls = 0;
  timeMs = 0;

  constructor(appContext: Context) {
    this.appContext = appContext;
  }

  get context(): Context {
    return this;
  }

  get tally(): CommandTally {
    return this;
  }

  get wantsSpan(): boolean {
    return false;
  }

  get root(): undefined {
    return undefined;
  }

  get sampledParent(): undefined {
    return undefined;
  }

  get deferred(): undefined {
    return undefined;
  }

  get recording(): undefined {
    return undefined;
  }

  getValue(key: symbol): unknown {
    if (key === KEY) return this;
    if (key === APP_CONTEXT) return this.appContext;
    return SUPPRESSED.getValue(key) ?? this.appContext.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new ChildContext(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new ChildContext(this, key, undefined);
  }
}

/** The app's context that `active` stands in for; undefined where the app itself is at work. */
export function appContextOf(active: Context): Context | undefined {
  if (active instanceof TalliedContext) return active.appContext;
  // The key is private to this file: nothing else can be stored under it.
  return active.getValue(APP_CONTEXT) as Context | undefined;
}

/** The tally of `context`, where there is one. */
export function tallyOf(context: Context): CommandTally | undefined {
  if (context instanceof TalliedContext) return context;
  const value: unknown = context.getValue(KEY);
  return isTally(value) ? value : undefined;
}

function isTally(value: unknown): value is CommandTally {
  return typeof value === 'object' && value !== null && 'calls' in value && 'timeMs' in value;
}
