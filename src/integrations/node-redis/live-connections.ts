// The connections of node-redis as they are at this moment. Its queue is private: what is in it is
// known from the commands that have no answer yet.
import type { RedisConnection } from '../../observe/live-state.js';
import { addressOf, openCommands } from '../../observe/redis/open-commands.js';
import { type Connection, connections } from './connection.js';
import { Operation } from './operation.js';

export function liveConnections(): RedisConnection[] {
  const open = openCommands((operation) =>
    operation instanceof Operation ? { client: operation.connection, name: operation.name } : undefined,
  );
  return [...connections]
    .filter((connection) => connection.socket?.isOpen !== false || open.has(connection))
    .map((connection) => {
      const commands = open.get(connection);
      const waiting = commands?.count ?? 0;
      return {
        library: 'node-redis',
        address: addressOf(connection.endpoint),
        status: statusOf(connection),
        inFlight: connection.isReady ? waiting : 0,
        offlineQueue: connection.isReady ? 0 : waiting,
        oldestCommand: commands?.oldestCommand,
        oldestAge: commands?.oldestAge,
      };
    });
}

function statusOf(connection: Connection): string {
  if (connection.isReady) return 'ready';
  return connection.socket?.isOpen === true ? 'connecting' : 'closed';
}
