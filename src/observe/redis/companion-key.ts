// The companion key that holds the writer of a key: in the same slot of a cluster, with a name that
// follows from the key's.

const PREFIX = 'trace:';

/**
 * `trace:{user:42}` for `user:42`; `trace::{user}:42` for `{user}:42`, which has a hash tag
 * already. Undefined for the few keys whose slot no other name can be given: those with a `}` and
 * no hash tag.
 */
export function companionOf(key: string): string | undefined {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  // A tag is what stands between the first { and the next }, if that is not nothing:
  // https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags
  if (open !== -1 && close > open + 1) return `${PREFIX}:${key}`;
  return key.includes('}') ? undefined : `${PREFIX}{${key}}`;
}

export function isCompanion(key: string): boolean {
  return key.startsWith(`${PREFIX}{`) || key.startsWith(`${PREFIX}:`);
}

/** The writer of a key. */
export interface KeyWriter {
  readonly traceId: string;
  /** The span of the write itself, or the one it was made in. */
  readonly spanId: string;
  /** As stored: `00-<trace id>-<span id>-01`. */
  readonly traceparent: string;
}

/** Undefined for what is not a traceparent of ours. */
export function parseWriter(value: unknown): KeyWriter | undefined {
  const text = Buffer.isBuffer(value) ? value.toString('latin1') : value;
  if (typeof text !== 'string') return undefined;
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(text) ?? [];
  return traceId === undefined || spanId === undefined ? undefined : { traceId, spanId, traceparent: text };
}
