// Sends commands of ours, on the connections of the app, for the traces of keys.
import type { CompanionConnection } from '../../observe/redis/key-trace.js';
import type { NodeRedisClient } from './client.js';
import type { Connection } from './connection.js';

let own = false;

/**
 * Whether the command that is being added to a queue is ours, which is neither traced nor recorded.
 */
export function isOwn(): boolean {
  return own;
}

export function companionConnection(connection: Connection): CompanionConnection {
  return {
    connection,
    isReady: () => connection.isReady && senderOf(connection.client) !== undefined,
    // node-redis adds a command to its queue before `sendCommand` returns.
    async send(name, args) {
      const send = senderOf(connection.client);
      own = true;
      try {
        return send?.([name.toUpperCase(), ...args]);
      } finally {
        own = false;
      }
    },
  };
}

/**
 * `sendCommand` of a client, which takes words as Redis has them. In legacy mode it is another one.
 */
function senderOf(client: NodeRedisClient | undefined): ((words: readonly string[]) => unknown) | undefined {
  if (client === undefined || client.options?.legacyMode === true || !('sendCommand' in client)) return undefined;
  const { sendCommand } = client;
  return typeof sendCommand === 'function' ? (words) => Reflect.apply(sendCommand, client, [words]) : undefined;
}
