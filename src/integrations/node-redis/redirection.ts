// Commands that a cluster client sends again because the server has answered MOVED or ASK: one
// command with one duration, as its caller sees it.
import { clientItself, type NodeRedisClient } from './client.js';

/** What is not sent again by then has failed. */
const RETRY_MS = 5_000;
const REDIRECTION = /^(?:MOVED|ASK)\b/;

/** A command that waits to be sent again. */
export interface RedirectedCommand {
  /** Called when it was not sent again. */
  giveUp(): void;
}

const clients = new WeakSet<NodeRedisClient>();
/** By their arguments: the same array each time they are sent. */
const held = new Map<readonly unknown[], { readonly command: RedirectedCommand; readonly timer: NodeJS.Timeout }>();
/** Bounds what is held; one more is taken for failed. */
const MAX_HELD = 1000;

/** Called when a cluster client uses `client` for one of its nodes. */
export function addNode(client: NodeRedisClient): void {
  clients.add(clientItself(client));
}

/** Whether a command that was rejected with `error` waits for another try from now on. */
export function holdForRetry(
  client: NodeRedisClient | undefined,
  words: readonly unknown[],
  error: unknown,
  command: RedirectedCommand,
): boolean {
  if (client === undefined || !clients.has(client) || !(error instanceof Error) || !REDIRECTION.test(error.message)) return false;
  if (held.size >= MAX_HELD) return false;
  const timer = setTimeout(() => {
    held.delete(words);
    command.giveUp();
  }, RETRY_MS).unref();
  held.set(words, { command, timer });
  return true;
}

/** The command that is sent again with `words`, which waits no longer. */
export function takeHeld(words: readonly unknown[]): RedirectedCommand | undefined {
  if (held.size === 0) return undefined;
  const found = held.get(words);
  if (found === undefined) return undefined;
  clearTimeout(found.timer);
  held.delete(words);
  return found.command;
}
