// Sends a command to a key as Redis has it, past the client's key prefix and its auto-pipelining,
// through ioredis' public ways only.
import { OWN } from './client.js';

/** The members of a client that are used: an ioredis `Redis` or `Cluster`, version 4 to 6. */
export interface RedisLike {
  createBuiltinCommand(name: never): unknown;
  sendCommand(command: never): unknown;
}

export function isRedisLike(value: unknown): value is RedisLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'createBuiltinCommand' in value &&
    typeof value.createBuiltinCommand === 'function' &&
    'sendCommand' in value &&
    typeof value.sendCommand === 'function'
  );
}

/**
 * The reply as text. ioredis' function for a command runs on any object that has options and a
 * `sendCommand`: it is given one without a prefix.
 * @param own the command is one of ours: neither traced nor recorded
 */
export async function sendUnprefixed(client: RedisLike, name: string, args: readonly string[], own: boolean): Promise<unknown> {
  const functions: unknown = Reflect.apply(client.createBuiltinCommand, client, [name]);
  const run: unknown = typeof functions === 'object' && functions !== null ? Reflect.get(functions, 'string') : undefined;
  if (typeof run !== 'function') throw new TypeError(`Expected ioredis to have a function for ${name}`);
  const sender = {
    options: {},
    sendCommand(command: unknown): unknown {
      if (own && typeof command === 'object' && command !== null) Object.assign(command, { [OWN]: true });
      return Reflect.apply(client.sendCommand, client, [command]);
    },
  };
  return Reflect.apply(run, sender, args);
}
