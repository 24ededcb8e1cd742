// The SDK's context manager, protected against arguments of the app that are no context: an invalid
// active context would break every instrumentation.
import type { Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { kindOf, reportMisuse } from './api-misuse.js';
import { usableContext } from './usable-context.js';

type Token = ReturnType<AsyncLocalStorageContextManager['attach']>;

/** Called when a context is entered, and when it is left for the one around it. */
export interface SwitchObserver {
  entered(context: Context): void;
  left(): void;
}

export class AppContextManager extends AsyncLocalStorageContextManager {
  /** Errors of `fn` go to the caller; what is not a function is not called. */
  override with<Args extends unknown[], F extends (...args: Args) => ReturnType<F>>(
    given: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: Args
  ): ReturnType<F>;
  override with(given: Context, fn: unknown, thisArg?: unknown, ...args: unknown[]): unknown {
    const usable = this.#usable('context.with', given);
    if (isFunction(fn)) return super.with(usable, fn, thisArg, ...args);
    reportMisuse('context.with', `the function is ${kindOf(fn)}`);
    return undefined;
  }

  /** The same for contexts that we made ourselves, which need no check. */
  withOwn<Args extends unknown[], Result>(own: Context, run: (...args: Args) => Result, ...args: Args): Result {
    return super.with(own, run, undefined, ...args);
  }

  override bind<T>(given: Context, target: T): T {
    try {
      return super.bind(this.#usable('context.bind', given), target);
    } catch {
      reportMisuse('context.bind', 'the target cannot be changed');
      return target;
    }
  }

  override attach(given: Context): Token {
    return super.attach(this.#usable('context.attach', given));
  }

  /**
   * The two methods are replaced on this object for as long as somebody observes, so that there is
   * nothing to pay otherwise.
   * @param observer must not throw
   */
  observe({ entered, left }: SwitchObserver): () => void {
    for (const name of ['with', 'withOwn'] as const) {
      const original: unknown = AppContextManager.prototype[name];
      if (!isFunction(original)) continue;
      const observed = (given: Context, ...rest: unknown[]) => {
        entered(given);
        try {
          return Reflect.apply(original, this, [given, ...rest]);
        } finally {
          left();
        }
      };
      Object.defineProperty(this, name, { value: observed, configurable: true });
    }
    return () => {
      for (const name of ['with', 'withOwn'] as const) Reflect.deleteProperty(this, name);
    };
  }

  #usable(call: string, given: Context): Context {
    const usable = usableContext(given, this.active());
    if (usable !== given) reportMisuse(call, 'the context is none, or holds a span that is none');
    return usable;
  }
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function';
}
