// Classifies failures of PostgreSQL: the server is away or has no room, somebody else holds what is
// needed, or the statement itself is refused.

export type PgFailure = 'unavailable' | 'busy' | 'refused';

/** SQLSTATEs and classes of them: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  '08', // connection exception
  '53', // insufficient resources: no connections left, disk full, out of memory
  '57P01', // admin shutdown, and a backend that was terminated
  '57P02', // crash shutdown
  '57P03', // cannot connect now: starting up
  '57P05', // idle session timeout: the pool's connection was too old
  '25006', // read-only: a failover is under way
]);
const BUSY: ReadonlySet<string> = new Set([
  '55P03', // lock not available
  '57014', // query canceled: the role's statement_timeout is shorter than our lock_timeout
  '40001', // serialization failure: another transaction made the claim meanwhile
  '40P01', // deadlock detected
]);

/**
 * All that is not known to pass by itself is `refused`: retried for ever it would run the processor
 * for ever.
 */
export function classifyPgFailure(error: unknown): PgFailure {
  const state = sqlStateOf(error);
  // Without a SQLSTATE the server did not answer: connection refused or lost, or a time limit of
  // the client.
  if (state === undefined || UNAVAILABLE.has(state) || UNAVAILABLE.has(state.slice(0, 2))) return 'unavailable';
  return BUSY.has(state) ? 'busy' : 'refused';
}

/**
 * Errors of the server have a severity; codes of the system, such as EPIPE, can look like a
 * SQLSTATE.
 */
export function sqlStateOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && error.code.length === 5 ? error.code : undefined;
}

/** Unique violation in the catalog, duplicate schema, duplicate table. */
const CREATED_MEANWHILE: ReadonlySet<string> = new Set(['23505', '42P06', '42P07']);

/**
 * Runs `create` again where another session has created the same schema or table at that moment:
 * `IF NOT EXISTS` does not wait for it. BullMQ and the claims do so in one schema.
 */
export async function createdOnce<Result>(create: () => Promise<Result>): Promise<Result> {
  try {
    return await create();
  } catch (error) {
    if (!CREATED_MEANWHILE.has(sqlStateOf(error) ?? '')) throw error;
    return await create();
  }
}
