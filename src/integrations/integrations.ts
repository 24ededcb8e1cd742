// The list of integrations. To add library X: one folder of the same shape, one line here.
import { circuitIntegration } from './circuit/index.js';
import { httpIntegration } from './http/index.js';
import type { Integration } from './integration.js';
import { loggingIntegration } from './logging/index.js';
import { nodeRedisIntegration } from './node-redis/index.js';
import { pgIntegration } from './pg/index.js';
import { postgresIntegration } from './postgres-js/index.js';
import { queueIntegration } from './queue/index.js';
import { redisIntegration } from './redis/index.js';
import { runtimeIntegration } from './runtime/index.js';

export const integrations = {
  http: httpIntegration,
  pg: pgIntegration,
  postgres: postgresIntegration,
  redis: redisIntegration,
  nodeRedis: nodeRedisIntegration,
  queue: queueIntegration,
  circuit: circuitIntegration,
  logging: loggingIntegration,
  runtime: runtimeIntegration,
} as const satisfies Readonly<Record<string, Integration>>;
