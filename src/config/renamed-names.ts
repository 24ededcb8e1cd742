// Names that have changed since the last release. With `SIETCH_OTEL_COMPAT=0.1` they are emitted as
// that release had them, so that dashboards and alerts can move at a time of their own choosing.
// The constants of the names.ts files are made from here as they are loaded, hence before any
// setting is read: the variable counts where it is in the environment of the process.

interface RenamedName {
  readonly now: string;
  readonly before: string;
  /** What has the name, for the page of the renamed ones. */
  readonly of: string;
}

export const RENAMED = {
  breakerName: { now: 'sietch.circuit_breaker.name', before: 'name', of: 'attribute of the metrics `sietch.circuit_breaker.*`' },
  breakerOutcome: { now: 'sietch.circuit_breaker.outcome', before: 'outcome', of: 'attribute of the metrics `sietch.circuit_breaker.*`' },
  breakerEntered: { now: 'sietch.circuit_breaker.state', before: 'to', of: 'attribute of `sietch.circuit_breaker.transitions`' },
  breakerRateUnit: {
    now: '1',
    before: '',
    of: 'unit of `sietch.circuit_breaker.failure_rate` and `.slow_call_rate`, in Prometheus `…_rate_ratio`',
  },
  breakerStateUnit: { now: '{state}', before: '', of: 'unit of `sietch.circuit_breaker.state`; its name in Prometheus stays' },
  jobState: { now: 'sietch.queue.job.state', before: 'state', of: 'attribute of `sietch.queue.depth`' },
  jobOutcome: { now: 'sietch.queue.job.outcome', before: 'outcome', of: 'attribute of `sietch.queue.jobs`' },
  queueReason: { now: 'sietch.queue.reason', before: 'reason', of: 'attribute of the metrics and the span event of `WebhookQueue`' },
  queueMode: { now: 'sietch.queue.mode', before: 'mode', of: 'attribute of `sietch.queue.degraded`, metric and span event' },
  markOutcome: { now: 'sietch.recorder.mark.outcome', before: 'outcome', of: 'attribute of `sietch.recorder.marks`' },
  sideQueryPurpose: { now: 'sietch.pg.side_query.purpose', before: 'purpose', of: 'attribute of `sietch.pg.side_queries`' },
  sideQueryOutcome: { now: 'sietch.pg.side_query.outcome', before: 'outcome', of: 'attribute of `sietch.pg.side_queries`' },
  keyTraceOutcome: { now: 'sietch.redis.key_trace.outcome', before: 'outcome', of: 'attribute of `sietch.redis.key_traces`' },
  durationMs: { now: 'sietch.duration_ms', before: 'duration_ms', of: 'attribute of the records of slow queries and commands' },
  preparedName: { now: 'sietch.pg.statement.name', before: 'db.postgresql.plan', of: 'attribute of spans: name of a prepared statement' },
  maxConnections: { now: 'db.client.connection.limit', before: 'db.client.connection.max', of: 'metric' },
} as const satisfies Readonly<Record<string, RenamedName>>;

/** What has been renamed besides; the code that makes it asks `HAS_NAMES_OF_0_1`. */
export const ALSO_RENAMED: readonly RenamedName[] = [
  { now: '{summary}', before: 'pg.query:{operation or statement name} {database}', of: 'span of a PostgreSQL query' },
  { now: 'sietch.pg.blocked', before: 'blocked by trace {trace id}', of: 'span event of a slow query' },
  { now: 'PIPELINE get', before: 'get', of: 'span of a Redis command that was sent in a pipeline; the same with `MULTI`' },
  {
    now: 'send',
    before: 'add, addBulk, insert, replay …',
    of: 'value of `messaging.operation.name` where jobs are sent; the old one is `sietch.queue.method`',
  },
  { now: 'otel.sdk.processor.span.processed', before: 'sietch.otel.made', of: 'metric, less what waits in the queue; the same of `log`' },
  { now: 'otel.sdk.exporter.span.exported', before: 'sietch.otel.sent', of: 'metric, without `error.type`; the same of `log`' },
  {
    now: 'error.type',
    before: 'sietch.otel.dropped',
    of: 'attribute of `otel.sdk.processor.*.processed` and `otel.sdk.exporter.*.exported`, in the place of a metric',
  },
  { now: 'process', before: 'direct', of: 'value of `messaging.operation.name` where a webhook is processed without a queue' },
];

/** What is no rename of one name: span names, and attributes whose values have changed. */
export const HAS_NAMES_OF_0_1 = process.env['SIETCH_OTEL_COMPAT'] === '0.1';

export function nameOf(renamed: keyof typeof RENAMED): string {
  return RENAMED[renamed][HAS_NAMES_OF_0_1 ? 'before' : 'now'];
}
