// Instrumentations that the app has installed and asks for by name: SIETCH_OTEL_INSTRUMENTATIONS=mongodb,kafkajs.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { warn } from '../../diagnose/diagnostics.js';
import { hookBundlesFor } from './bundle-hooks.js';

/** Loads each named instrumentation from where the app would; one that cannot be had is a warning. */
export function loadExtraInstrumentations(names: readonly string[]): Instrumentation[] {
  if (names.length === 0) return [];
  const fromApp = createRequire(join(process.cwd(), 'package.json'));
  return names.flatMap((name) => {
    const packageName = name.includes('/') ? name : `@opentelemetry/instrumentation-${name}`;
    try {
      const exported: unknown = fromApp(packageName);
      const created = instantiate(exported);
      if (created === undefined) throw new TypeError('it exports no class named …Instrumentation');
      return created;
    } catch (error) {
      const reason = error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
      warn('SIETCH010', `${packageName}: ${reason}`);
      return [];
    }
  });
}

function instantiate(exported: unknown): Instrumentation | undefined {
  if (typeof exported !== 'object' || exported === null) return undefined;
  for (const [name, value] of Object.entries(exported)) {
    if (!name.endsWith('Instrumentation') || typeof value !== 'function') continue;
    const instance: unknown = Reflect.construct(value, []);
    if (!isInstrumentation(instance)) continue;
    hookBundlesFor(instance);
    return instance;
  }
  return undefined;
}

function isInstrumentation(value: unknown): value is Instrumentation {
  return typeof value === 'object' && value !== null && 'instrumentationName' in value && 'setTracerProvider' in value && 'enable' in value;
}
