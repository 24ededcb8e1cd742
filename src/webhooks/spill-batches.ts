// Fetches and completes the jobs of a spill worker in batches, one statement for all jobs that
// begin or end at the same time. BullMQ 6.7 calls its SQL functions once for each job, which is
// most of the time that a backlog takes. Attempts, delays, locks and dead letters stay BullMQ's:
// what a batch could not do, BullMQ does by itself, and so it does all where its functions are not
// those that these statements were written after.
import { Batch } from './batch.js';

/**
 * What BullMQ's worker gets for a job it may run: the job, its id, a rate limit's delay, the time
 * of the next delayed job.
 */
type NextJob = readonly [job: unknown, id: string, rateLimitDelay: number, delayUntil: number];
type Row = Readonly<Record<string, unknown>>;

/** BullMQ's PostgreSQL backend of one worker, as far as it is used. */
interface WorkerBackend {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  buildNextJobResult(rows: readonly Row[], limiterMax: null, now: number): Promise<NextJob>;
  moveToActive(token: string, name?: string): Promise<NextJob>;
  moveToCompleted(
    job: { readonly id?: string },
    returnValue: unknown,
    removeOnComplete: unknown,
    token: string,
    fetchNext?: boolean,
  ): Promise<{ readonly result: NextJob | undefined; readonly finishedOn: number }>;
}

interface Finished {
  readonly id: string;
  readonly token: string;
}

/** Jobs of one statement at most. */
const MAX_SIZE = 500;
const METHODS = ['query', 'buildNextJobResult', 'moveToActive', 'moveToCompleted'] as const;

/**
 * Hash of BullMQ's functions that the statements below do the same as for jobs like ours, without
 * parents and deduplication.
 */
export const FUNCTIONS = `SELECT md5(string_agg(prosrc, '' ORDER BY proname)) AS hash FROM pg_proc
  WHERE pronamespace = current_schema()::regnamespace AND proname IN ('move_to_active', 'move_to_completed', 'move_to_completed_fetch')`;
/**
 * BullMQ 6.7.0. Another version has another hash when it does something else: then its own
 * functions are called.
 */
const KNOWN_FUNCTIONS: ReadonlySet<unknown> = new Set(['5ba01ba1a8165a4db6e9b292953057ec']);

/**
 * As `move_to_active`: due jobs become waiting ones, and nothing is fetched while the queue is
 * paused. A queue with a limit of its own gets nothing here. SKIP LOCKED everywhere: who holds some
 * rows and waits for others could wait for ever.
 */
function fetchSql(count: number): string {
  return `WITH due AS (
      UPDATE job SET state = 'waiting', delay_ms = 0
      FROM (SELECT id FROM job WHERE queue = $1 AND state = 'delayed' AND process_at_ms <= $2 LIMIT ${MAX_SIZE} FOR UPDATE SKIP LOCKED) AS found
      WHERE job.queue = $1 AND job.id = found.id),
    next AS MATERIALIZED (
      SELECT id FROM job WHERE queue = $1 AND state = 'waiting' AND NOT EXISTS (
        SELECT 1 FROM meta WHERE queue = $1 AND (field IN ('concurrency', 'max') OR (field = 'paused' AND value = '1')))
      ORDER BY priority, seq LIMIT ${count} FOR UPDATE SKIP LOCKED)
    UPDATE job SET state = 'active', lock_token = slot.token, locked_until_ms = $2::bigint + $3::bigint, processed_at_ms = $2, processed_by = NULL,
      attempts_started = attempts_started + 1
    FROM (SELECT id, row_number() OVER () AS place FROM next) AS numbered
      JOIN unnest($4::text[]) WITH ORDINALITY AS slot (token, place) USING (place)
    WHERE job.queue = $1 AND job.id = numbered.id RETURNING job.*, place`;
}

/** As `move_to_completed` for a job without a result that is kept. */
const COMPLETE = `WITH held AS MATERIALIZED (
    SELECT id FROM job WHERE queue = $1 AND id = ANY ($2::text[]) AND state = 'active'
      AND (id, lock_token) IN (SELECT * FROM unnest($2::text[], $3::text[])) FOR UPDATE SKIP LOCKED)
  UPDATE job SET state = 'completed', return_value = 'null', finished_at_ms = $4, lock_token = NULL, locked_until_ms = NULL,
    attempts_made = attempts_made + 1
  FROM held WHERE job.queue = $1 AND job.id = held.id RETURNING job.id`;

/**
 * Makes a worker that does not run yet fetch and complete in batches. The name of its queue is
 * `queue`.
 * @throws {Error} when PostgreSQL does not answer.
 */
export async function workInBatches(worker: object, queue: string, lockDurationMs: number): Promise<void> {
  const backend: unknown = 'backend' in worker ? worker.backend : undefined;
  if (!isWorkerBackend(backend)) return;
  const { rows } = await backend.query(FUNCTIONS, []);
  if (!KNOWN_FUNCTIONS.has(rows[0]?.['hash'])) return;
  const fetchOne = backend.moveToActive.bind(backend);
  const completeOne = backend.moveToCompleted.bind(backend);

  const fetching = new Batch<string, NextJob>(MAX_SIZE, async (tokens) => {
    const now = Date.now();
    const fetched = await backend.query(fetchSql(tokens.length), [queue, now, lockDurationMs, tokens]);
    const jobs: NextJob[] = [];
    for (const row of fetched.rows) jobs[Number(row['place']) - 1] = await backend.buildNextJobResult([row], null, now);
    return jobs;
  });
  const completing = new Batch<Finished, number>(MAX_SIZE, async (finished) => {
    const now = Date.now();
    const values = [queue, finished.map(({ id }) => id), finished.map(({ token }) => token), now];
    const completed = new Set((await backend.query(COMPLETE, values)).rows.map((row) => row['id']));
    return finished.map(({ id }) => (completed.has(id) ? now : undefined));
  });

  backend.moveToActive = async (token, name) => (await fetching.add(token)) ?? (await fetchOne(token, name));
  backend.moveToCompleted = async (job, returnValue, removeOnComplete, token, fetchNext) => {
    const isOurs = job.id !== undefined && returnValue === undefined && removeOnComplete === false;
    const finishedOn = isOurs ? await completing.add({ id: job.id, token }) : undefined;
    if (finishedOn === undefined) return await completeOne(job, returnValue, removeOnComplete, token, fetchNext);
    // The job is done, whatever becomes of the next one: the worker's loop meets the same error and
    // rests.
    const result = fetchNext ? await backend.moveToActive(token).catch((): NextJob => [null, '', 0, 0]) : undefined;
    return { result, finishedOn };
  };
}

function isWorkerBackend(backend: unknown): backend is WorkerBackend {
  return typeof backend === 'object' && backend !== null && METHODS.every((method) => typeof Reflect.get(backend, method) === 'function');
}
