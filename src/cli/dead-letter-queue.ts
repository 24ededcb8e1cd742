// Opens a WebhookQueue for its dead letters, with the bullmq and ioredis of the app in the current
// folder.

import { WebhookQueue } from '../webhooks/library.js';
import { UsageError } from './command.js';

/** Time in which Redis must answer. */
export const ANSWER_MS = 5000;

export interface QueueAddress {
  readonly name: string;
  /** Redis. */
  readonly url: string;
  readonly prefix: string;
  /** PostgreSQL of its spill. */
  readonly spill?: string | undefined;
  readonly schema?: string | undefined;
}

export function openQueue({ name, url, prefix, spill, schema }: QueueAddress): WebhookQueue {
  const ofSchema = schema === undefined ? {} : { schema };
  return new WebhookQueue({
    name,
    connection: url,
    prefix,
    connectTimeoutMs: ANSWER_MS,
    claims: false,
    ...(spill === undefined ? {} : { spill: { connection: spill, migrate: false, ...ofSchema } }),
  });
}

/** @throws {UsageError} */
export function readRedisUrl(option: string, text: string): string {
  return readUrl(option, text, /^rediss?:$/, 'redis:// or rediss://');
}

/** @throws {UsageError} */
export function readUrl(option: string, text: string, protocol: RegExp, expected: string): string {
  if (URL.canParse(text) && protocol.test(new URL(text).protocol)) return text;
  throw new UsageError(`Expected \`${option}\` to be a URL that begins with ${expected}`);
}

/** A store that is down would look like one without dead letters. */
export async function assertAnswers(queue: WebhookQueue, hasSpill: boolean): Promise<void> {
  const { depth } = await queue.getMetrics();
  if (depth.redis === undefined) throw new Error('Redis does not answer');
  if (hasSpill && depth.postgres === undefined) throw new Error('PostgreSQL does not answer, or holds no spill of a queue');
}
