// The connections of ioredis as they are at this moment: its own queues, and the command that has
// waited longest.

import { LiveObjects } from '../../observe/live-objects.js';
import type { RedisConnection } from '../../observe/live-state.js';
import { addressOf, openCommands } from '../../observe/redis/open-commands.js';
import type { RedisClient } from './client.js';
import { endpointOf } from './endpoint.js';
import { Operation } from './operation.js';

/** Clients of ioredis that have begun to connect; in a cluster, those of its nodes. */
export const clients = new LiveObjects<RedisClient>();

export function liveConnections(): RedisConnection[] {
  const open = openCommands((operation) =>
    operation instanceof Operation ? { client: operation.client, name: operation.name } : undefined,
  );
  return [...clients]
    .filter(({ status }) => status !== 'end')
    .map((client) => {
      const commands = open.get(client);
      return {
        library: 'ioredis',
        address: addressOf(endpointOf(client)),
        status: client.status,
        inFlight: client.commandQueue?.length ?? 0,
        offlineQueue: client.offlineQueue?.length ?? 0,
        oldestCommand: commands?.oldestCommand,
        oldestAge: commands?.oldestAge,
      };
    });
}
