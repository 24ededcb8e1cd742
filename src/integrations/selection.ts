// Which integrations are on. Both of the ecosystem's forms are understood: upstream's lists, and
// one variable an instrumentation (Splunk, Java).
import type { Environment } from '../config/read.js';

interface Lists {
  readonly enabled: readonly string[];
  readonly disabledInstrumentations: readonly string[];
}

/** Upstream names that people write for an integration of ours. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  http: ['undici', 'express', 'fastify'],
  redis: ['ioredis'],
  queue: ['bullmq'],
  circuit: ['opossum'],
  logging: ['pino'],
  runtime: ['runtime-node'],
};

/**
 * `OTEL_NODE_ENABLED_INSTRUMENTATIONS`, then `OTEL_NODE_DISABLED_INSTRUMENTATIONS`, then
 * `OTEL_INSTRUMENTATION_<NAME>_ENABLED`, then `OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED`; on
 * when none of them speaks.
 */
export function isIntegrationOn(name: string, lists: Lists, env: Environment): boolean {
  const names = [name, ...(ALIASES[name] ?? [])];
  const listed = (list: readonly string[]) => names.some((each) => list.includes(each));
  if (lists.disabledInstrumentations.includes(name) || (names.length === 2 && listed(lists.disabledInstrumentations))) return false;
  if (lists.enabled.length > 0) return listed(lists.enabled);
  const own = names
    .map((each) => env[`OTEL_INSTRUMENTATION_${each.toUpperCase().replaceAll('-', '_')}_ENABLED`]?.toLowerCase())
    .find((value) => value !== undefined);
  if (own !== undefined) return own !== 'false';
  return env['OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED']?.toLowerCase() !== 'false';
}
