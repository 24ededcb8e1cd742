// pg-boss with spans of its own (12.36 and later) carries the context in a column of its own, but
// only when it is told to: here, unless the app has said otherwise.
import { types } from 'node:util';
import type { BossClass, PgBossModule } from './pg-boss-module.js';

/** What the module exports from here on: the same object where it can be changed. */
export function withPropagation(exports: PgBossModule): PgBossModule {
  const { PgBoss } = exports;
  if (PgBoss === undefined || proxies.has(PgBoss)) return exports;
  const propagating = propagatingClass(PgBoss);
  // `require()` of an ES module gives its namespace, which nobody can change.
  if (types.isModuleNamespaceObject(exports)) return { ...exports, PgBoss: propagating };
  exports.PgBoss = propagating;
  return exports;
}

const proxies = new WeakSet<object>();

function propagatingClass(original: BossClass): BossClass {
  const proxy: BossClass = new Proxy(original, {
    construct(target, [config, ...rest]: unknown[], newTarget) {
      return Reflect.construct(Object(target), [propagated(config), ...rest], newTarget === proxy ? Object(target) : newTarget);
    },
  });
  proxies.add(proxy);
  return proxy;
}

/**
 * The configuration with `openTelemetry.propagateContext`; another object, since it is the app's.
 */
function propagated(config: unknown): unknown {
  if (typeof config === 'string') return { connectionString: config, openTelemetry: { propagateContext: true } };
  if (typeof config !== 'object' || config === null) return config;
  const own: unknown = Reflect.get(config, 'openTelemetry');
  if (own !== undefined && own !== null && typeof own !== 'object') return config;
  return { ...config, openTelemetry: { propagateContext: true, ...own } };
}
