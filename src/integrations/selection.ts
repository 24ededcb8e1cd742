// Which integrations are on. Both of the ecosystem's forms are understood: upstream's lists, and
// one variable an instrumentation (Splunk, Java).
import type { Environment } from '../config/read.js';

interface Lists {
  readonly enabled: readonly string[];
  readonly disabledInstrumentations: readonly string[];
}

/**
 * The libraries of an integration that observes several, or goes by another name than its library.
 * Each can be named alone.
 */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  redis: ['ioredis'],
  queue: ['bullmq', 'bull', 'pg-boss'],
  circuit: ['opossum'],
  logging: ['pino', 'winston', 'bunyan'],
  runtime: ['runtime-node'],
};

/** Upstream names for parts of an integration, which are not switched off alone. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  http: ['undici', 'express', 'fastify', 'koa', 'hapi', 'hono', 'nestjs-core'],
};

/**
 * Upstream names of an integration. `redis`, upstream's name for node-redis, is ours for ioredis
 * too: it means both.
 */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  'node-redis': ['redis', 'redis-4'],
};

/** On when any of its libraries is. */
export function isIntegrationOn(name: string, lists: Lists, env: Environment): boolean {
  return (LIBRARIES[name] ?? [name]).some((library) => isLibraryOn(name, library, lists, env));
}

/**
 * `OTEL_NODE_ENABLED_INSTRUMENTATIONS`, then `OTEL_NODE_DISABLED_INSTRUMENTATIONS`, then
 * `OTEL_INSTRUMENTATION_<NAME>_ENABLED`, then `OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED`; on
 * when none of them speaks.
 */
export function isLibraryOn(integration: string, library: string, lists: Lists, env: Environment): boolean {
  const same = [library, integration, ...(ALIASES[integration] ?? [])];
  const names = [...same, ...(PARTS[integration] ?? [])];
  if (same.some((each) => lists.disabledInstrumentations.includes(each))) return false;
  if (lists.enabled.length > 0) return names.some((each) => lists.enabled.includes(each));
  const own = names
    .map((each) => env[`OTEL_INSTRUMENTATION_${each.toUpperCase().replaceAll('-', '_')}_ENABLED`]?.toLowerCase())
    .find((value) => value !== undefined);
  if (own !== undefined) return own !== 'false';
  return env['OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED']?.toLowerCase() !== 'false';
}
