// Every name that the queue integration emits. The messaging conventions are "Development" in
// semantic-conventions 1.45, so their names are copied:
// https://opentelemetry.io/docs/specs/semconv/messaging/
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';
import { nameOf } from '../../config/renamed-names.js';
import { EVENT_EXCEPTION, EVENT_PROCESS_EXCEPTION, EVENT_SEND_EXCEPTION } from '../../observe/exceptions.js';
import { SECONDS_BUCKETS } from '../../sdk/metrics/buckets.js';

/** Operations: names, types, and the first words of the spans. */
export const OPERATION_SEND = 'send';
export const OPERATION_PROCESS = 'process';

export const ATTR_SYSTEM = 'messaging.system.name';
export const ATTR_DESTINATION = 'messaging.destination.name';
export const ATTR_OPERATION_TYPE = 'messaging.operation.type';
export const ATTR_OPERATION_NAME = 'messaging.operation.name';
/** The library's own word. */
export const ATTR_METHOD = 'sietch.queue.method';
export const ATTR_MESSAGE_ID = 'messaging.message.id';
export const ATTR_BATCH_COUNT = 'messaging.batch.message_count';
export const ATTR_ERROR_TYPE = 'error.type';
export const ATTR_EXCEPTION_TYPE = 'exception.type';
export const ATTR_JOB_NAME = 'sietch.queue.job.name';
export const ATTR_ATTEMPT = 'sietch.queue.job.attempt';
export const ATTR_MAX_ATTEMPTS = 'sietch.queue.job.max_attempts';
export const ATTR_WAIT = 'sietch.queue.job.wait';
export const ATTR_OUTCOME = 'sietch.queue.job.outcome';
export const ATTR_REDIS_CALLS = 'sietch.queue.redis.calls';
export const ATTR_REDIS_TIME = 'sietch.queue.redis.time';
/** The same where they are attributes of metrics and of span events. */
export const ATTR_STATE = nameOf('jobState');
export const ATTR_METRIC_OUTCOME = nameOf('jobOutcome');
export const ATTR_REASON = nameOf('queueReason');
export const ATTR_MODE = nameOf('queueMode');
export const ATTR_MARK_OUTCOME = nameOf('markOutcome');
export const ATTR_REPLAY = 'sietch.queue.replay';
export const ATTR_EVENT_ID = 'sietch.queue.event_id';
export const ATTR_EVENT_REASON = 'sietch.queue.reason';
export const ATTR_EVENT_MODE = 'sietch.queue.mode';
export const ATTR_HAS_RUN = 'sietch.queue.has_run';
export const ATTR_POSTPONEMENTS = 'sietch.queue.postponements';
export const ATTR_DETAIL = 'sietch.queue.detail';
export const ATTR_ATTEMPTS = 'sietch.queue.attempts';
export const ATTR_TRACE_ID = 'sietch.queue.trace_id';
export const ATTR_CLOCK_SKEW_MS = 'sietch.queue.clock_skew_ms';
export const ATTR_DEGRADED_MS = 'sietch.queue.degraded_ms';
export const ATTR_DEGRADED_EVENTS = 'sietch.queue.degraded_events';

/** A span event, and log records. */
export const EVENT_DEGRADED = 'sietch.queue.degraded';
export const EVENT_POSTPONED = 'sietch.queue.postponed';
export const EVENT_LATE_QUERY = 'sietch.queue.late_query';
export const EVENT_CLOCK_SKEW = 'sietch.queue.clock_skew';
export const EVENT_RECOVERED = 'sietch.queue.recovered';
export const EVENT_DEAD = 'sietch.queue.dead';
export const EVENT_STALLED = 'sietch.queue.stalled';
export const EVENT_UNSAFE_STORE = 'sietch.queue.unsafe_store';
export const EVENT_REPLAYED = 'sietch.queue.replayed';

export const SYSTEM = 'bullmq';
export const SYSTEM_BULL = 'bull';
export const SYSTEM_PG_BOSS = 'pg-boss';

const CLIENT_ATTRIBUTES = [ATTR_SYSTEM, ATTR_DESTINATION, ATTR_OPERATION_NAME, ATTR_ERROR_TYPE];

/** Jobs wait longer than requests run. */
const WAIT_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600];

export const METRIC_OPERATION_DURATION = defineMetric({
  name: 'messaging.client.operation.duration',
  instrument: 'histogram',
  unit: 's',
  buckets: SECONDS_BUCKETS,
  attributes: CLIENT_ATTRIBUTES,
  meaning: 'Time to hand jobs to the queue.',
});

export const METRIC_SENT = defineMetric({
  name: 'messaging.client.sent.messages',
  instrument: 'observable counter',
  unit: '{message}',
  attributes: CLIENT_ATTRIBUTES,
  meaning: 'Jobs handed to the queue.',
});

export const METRIC_CONSUMED = defineMetric({
  name: 'messaging.client.consumed.messages',
  instrument: 'observable counter',
  unit: '{message}',
  attributes: [ATTR_SYSTEM, ATTR_DESTINATION, ATTR_OPERATION_NAME],
  meaning: 'Attempts begun.',
});

export const METRIC_PROCESS_DURATION = defineMetric({
  name: 'messaging.process.duration',
  instrument: 'histogram',
  unit: 's',
  buckets: SECONDS_BUCKETS,
  attributes: CLIENT_ATTRIBUTES,
  meaning: 'Run time of an attempt.',
});

export const METRIC_WAIT_DURATION = defineMetric({
  name: 'sietch.queue.wait.duration',
  instrument: 'histogram',
  unit: 's',
  buckets: WAIT_SECONDS,
  attributes: [ATTR_DESTINATION],
  meaning: 'Time from when a job was due until its first attempt began.',
});

export const METRIC_JOBS = defineMetric({
  name: 'sietch.queue.jobs',
  instrument: 'observable counter',
  unit: '{job}',
  attributes: [ATTR_DESTINATION, ATTR_METRIC_OUTCOME],
  meaning: 'Ended attempts: `completed`, `retried` (comes again) or `dead` (no attempt left).',
});

export const METRIC_STALLED = defineMetric({
  name: 'sietch.queue.stalled',
  instrument: 'observable counter',
  unit: '{job}',
  attributes: [ATTR_DESTINATION],
  meaning: 'Jobs whose worker stopped renewing the lock: it died or its event loop was blocked.',
});

export const METRIC_DEPTH = defineMetric({
  name: 'sietch.queue.depth',
  instrument: 'observable gauge',
  unit: '{job}',
  attributes: [ATTR_DESTINATION, ATTR_STATE],
  meaning: 'Jobs in the queue by state. NaN when the last reading is too old.',
});

export const METRIC_OLDEST_WAITING = defineMetric({
  name: 'sietch.queue.oldest_waiting.age',
  instrument: 'observable gauge',
  unit: 's',
  attributes: [ATTR_DESTINATION],
  meaning: 'Age of the oldest job that waits for a worker; 0 when none waits. NaN when the last reading is too old.',
});

export const METRIC_OLDEST_ACTIVE = defineMetric({
  name: 'sietch.queue.active.age',
  instrument: 'observable gauge',
  unit: 's',
  attributes: [ATTR_DESTINATION],
  meaning: 'Time for which the oldest active job has been worked on; 0 when none is active. NaN when the last reading is too old.',
});

export const METRIC_DLQ_DEPTH = defineMetric({
  name: 'sietch.queue.dlq.depth',
  instrument: 'observable gauge',
  unit: '{job}',
  attributes: [ATTR_DESTINATION],
  meaning: 'Dead letters: jobs without attempts left. NaN when the last reading is too old.',
});

export const METRIC_DEGRADED = defineMetric({
  name: 'sietch.queue.degraded',
  instrument: 'counter',
  unit: '{message}',
  attributes: [ATTR_DESTINATION, ATTR_REASON, ATTR_MODE],
  meaning: 'Webhooks that Redis did not take: why, and where they went (`spill`, `direct`, `rejected`).',
});

export const METRIC_POSTPONED = defineMetric({
  name: 'sietch.queue.postponed',
  instrument: 'counter',
  unit: '{message}',
  attributes: [ATTR_DESTINATION, ATTR_REASON],
  meaning: 'Attempts at webhooks that the claim store could not serve and that do not count: `busy`, `unavailable`.',
});

export const METRIC_STORE_UNSAFE = defineMetric({
  name: 'sietch.queue.store.unsafe',
  instrument: 'observable gauge',
  unit: '{store}',
  attributes: [ATTR_DESTINATION, ATTR_REASON],
  meaning: '1 while the Redis of a WebhookQueue may lose what it acknowledges (`evicts`, `no_append_only_file`, `unknown`), else 0.',
});

export const METRIC_METRICS_AGE = defineMetric({
  name: 'sietch.queue.metrics.age',
  instrument: 'observable gauge',
  unit: 's',
  attributes: [ATTR_DESTINATION],
  meaning: 'Age of the last reading of a queue; grows while its Redis does not answer.',
});

export const METRIC_MARKS = defineMetric({
  name: 'sietch.recorder.marks',
  instrument: 'observable counter',
  unit: '{mark}',
  attributes: [ATTR_MARK_OUTCOME],
  meaning:
    'Marks of kept traces for the other processes of a queue: `written` to its Redis or PostgreSQL, `heard` (this process has kept its half), `lost` (they could not be told: the halves of others are missing).',
});

export const queueNames: readonly EmittedName[] = [
  {
    type: 'span',
    name: `${OPERATION_SEND} {queue}`,
    kind: 'PRODUCER',
    meaning: 'A job, a bulk of jobs or a flow was handed to a queue.',
  },
  {
    type: 'span',
    name: `${OPERATION_PROCESS} {queue}`,
    kind: 'CONSUMER',
    meaning: 'One attempt to process a job. ERROR when the processor threw.',
  },
  { type: 'attribute', name: ATTR_SYSTEM, meaning: 'Which library: `bullmq`, `bull` or `pg-boss`.' },
  { type: 'attribute', name: ATTR_DESTINATION, meaning: 'Name of the queue.' },
  { type: 'attribute', name: ATTR_OPERATION_TYPE, meaning: '`send` or `process`.' },
  { type: 'attribute', name: ATTR_OPERATION_NAME, meaning: 'The same, as the first word of the span.' },
  {
    type: 'attribute',
    name: ATTR_METHOD,
    meaning:
      "How it was sent or processed, in the library's own word: `add`, `addBulk`, `addFlow`, `insert`, `replay`; `direct` without a queue.",
  },
  { type: 'attribute', name: ATTR_MESSAGE_ID, meaning: "Id of the job; on spans and WebhookQueue's log records, on no metric." },
  { type: 'attribute', name: ATTR_BATCH_COUNT, meaning: 'Number of jobs of a bulk, or of flows.' },
  { type: 'attribute', name: ATTR_ERROR_TYPE, meaning: 'Class of the error; its message stays where it is.' },
  { type: 'attribute', name: ATTR_JOB_NAME, meaning: 'Name of the job.' },
  { type: 'attribute', name: ATTR_ATTEMPT, meaning: 'Which attempt this is, from 1.' },
  { type: 'attribute', name: ATTR_MAX_ATTEMPTS, meaning: 'How many attempts the job has.' },
  { type: 'attribute', name: ATTR_WAIT, meaning: 'Seconds from when the job was due until its first attempt began.' },
  { type: 'attribute', name: ATTR_REPLAY, meaning: 'The job was put back after its attempts were used up.' },
  { type: 'attribute', name: ATTR_OUTCOME, meaning: 'How the attempt ended: `completed`, `retried` or `dead`.' },
  { type: 'attribute', name: ATTR_REDIS_CALLS, meaning: "Number of BullMQ's own Redis commands for this job." },
  { type: 'attribute', name: ATTR_REDIS_TIME, meaning: 'Seconds these commands took, added up.' },
  { type: 'attribute', name: ATTR_EVENT_ID, meaning: "WebhookQueue's log records: the provider's id of the event." },
  {
    type: 'attribute',
    name: ATTR_EVENT_REASON,
    meaning:
      'Why Redis did not take the event: `unreachable`, `timeout`, `full`, `read_only`, `loading`, `unsafe`, `refused`, `other`. Why an attempt was postponed: `busy` (another is at work on the event), `unavailable`. Why Redis may lose events: `evicts`, `no_append_only_file`, `unknown`.',
  },
  {
    type: 'attribute',
    name: ATTR_DETAIL,
    meaning: 'Configuration that Redis reports: `maxmemory-policy allkeys-lru`, `appendonly no`.',
  },
  {
    type: 'attribute',
    name: ATTR_HAS_RUN,
    meaning: 'Whether the processor had run when its event was postponed: what it did outside of its transaction it does again.',
  },
  { type: 'attribute', name: ATTR_POSTPONEMENTS, meaning: 'How often an event was postponed.' },
  { type: 'attribute', name: ATTR_EVENT_MODE, meaning: 'Where the event went instead: `spill`, `direct`, `rejected`.' },
  { type: 'attribute', name: ATTR_ATTEMPTS, meaning: 'How many attempts a dead letter had.' },
  { type: 'attribute', name: ATTR_TRACE_ID, meaning: 'Trace of the request that enqueued a dead letter.' },
  {
    type: 'attribute',
    name: ATTR_CLOCK_SKEW_MS,
    meaning: "How far this process's clock is ahead of Redis's; negative where it is behind.",
  },
  { type: 'attribute', name: ATTR_DEGRADED_MS, meaning: 'How long Redis did not take events.' },
  { type: 'attribute', name: ATTR_DEGRADED_EVENTS, meaning: 'How many events it did not take.' },
  {
    type: 'event',
    name: EVENT_DEGRADED,
    meaning: 'Redis did not take a webhook: on the span of its request, and as a warning in the log.',
  },
  {
    type: 'event',
    name: EVENT_POSTPONED,
    meaning: 'The claim store could not serve an attempt at a webhook, which waits for it. One line every ten seconds at most.',
  },
  { type: 'event', name: EVENT_LATE_QUERY, meaning: 'A processor used its transaction after its attempt had ended.' },
  {
    type: 'event',
    name: EVENT_CLOCK_SKEW,
    meaning: "The clock of a worker's process and that of Redis disagree by over a minute; reported when it begins.",
  },
  { type: 'event', name: EVENT_RECOVERED, meaning: 'Redis takes webhooks again; once for each outage.' },
  { type: 'event', name: EVENT_DEAD, meaning: 'A webhook has no attempts left and is a dead letter.' },
  { type: 'event', name: EVENT_STALLED, meaning: 'A worker lost its hold on a webhook: it died or was blocked.' },
  {
    type: 'event',
    name: EVENT_UNSAFE_STORE,
    meaning: 'Redis may lose webhooks that it has acknowledged: it evicts keys, or writes no append-only file.',
  },
  { type: 'event', name: EVENT_REPLAYED, meaning: 'A dead letter was put back into the queue.' },
  { type: 'event', name: EVENT_EXCEPTION, meaning: 'An attempt failed: `exception.type` only, no message, no stack.' },
  {
    type: 'event',
    name: EVENT_PROCESS_EXCEPTION,
    meaning: 'The same as a log record (error), with `OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN`.',
  },
  { type: 'event', name: EVENT_SEND_EXCEPTION, meaning: 'The same of a job that could not be handed to the queue (warn).' },
  METRIC_OPERATION_DURATION,
  METRIC_SENT,
  METRIC_CONSUMED,
  METRIC_PROCESS_DURATION,
  METRIC_WAIT_DURATION,
  METRIC_JOBS,
  METRIC_STALLED,
  METRIC_DEPTH,
  METRIC_OLDEST_WAITING,
  METRIC_OLDEST_ACTIVE,
  METRIC_DLQ_DEPTH,
  METRIC_DEGRADED,
  METRIC_POSTPONED,
  METRIC_STORE_UNSAFE,
  METRIC_METRICS_AGE,
  METRIC_MARKS,
];
