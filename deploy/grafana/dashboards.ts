// npm run dashboards: writes deploy/grafana/dashboards/*.json. test/deploy/dashboards.test.ts checks that they are current and that every query parses.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard, lines, number, row } from './panels.ts';
import { countRate, quantile, rate, series } from './series.ts';

const JOB = 'job=~"$job"';
const matching = (...matchers: readonly string[]) => `{${[JOB, ...matchers].join(', ')}}`;
const DB = 'db.client.operation.duration';
const QUEUE = 'messaging_destination_name';
/** The heap is reported by space. Of several processes behind one endpoint, each has its heap, and all have the memory of one container. */
const HEAP = 'job, instance, sietch_worker';
const HEAP_SHARE = `sum by (${HEAP}) (${series('v8js.memory.heap.used')}${matching()}) / sum by (${HEAP}) (${series('sietch.process.heap.limit')}${matching()})`;
const MEMORY_SHARE = `sum by (job, instance) (${series('process.memory.usage')}${matching()}) / max by (job, instance) (${series('sietch.process.memory.limit')}${matching()})`;

export function dashboards(): Readonly<Record<string, DashboardBuilder>> {
  return { overview: overview(), 'webhook-queue': webhookQueue(), postgresql: postgresql(), 'circuit-breakers': circuitBreakers() };
}

function overview(): DashboardBuilder {
  return dashboard('overview', 'Sietch: overview')
    .withRow(row('Requests'))
    .withPanel(
      lines({
        title: 'Requests a second',
        description: 'Incoming requests by route and status.',
        unit: 'reqps',
        queries: [
          {
            expr: countRate('http.server.request.duration', ['http_route', 'http_response_status_code'], matching()),
            legend: '{{http_route}} {{http_response_status_code}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Failed requests',
        description: 'Share of incoming requests that were answered with a 5xx.',
        unit: 'percentunit',
        queries: [
          {
            expr: `${countRate('http.server.request.duration', ['job'], matching('http_response_status_code=~"5.."'))} / ${countRate('http.server.request.duration', ['job'], matching())} or vector(0)`,
            legend: '{{job}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Request duration',
        description: 'The dots are exemplars: each leads to its trace.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'http.server.request.duration', ['http_route'], matching()),
            legend: 'p95 {{http_route}}',
            exemplars: true,
          },
          { expr: quantile(0.5, 'http.server.request.duration', ['http_route'], matching()), legend: 'p50 {{http_route}}' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Requests under way',
        description: 'Not answered yet. It grows while what they wait for hangs.',
        queries: [{ expr: `sum by (job) (${series('http.server.active_requests')}${matching()})`, legend: '{{job}}' }],
      }),
    )
    .withRow(row('Queues and circuits'))
    .withPanel(
      lines({
        title: 'Jobs waiting',
        description: 'Depth by queue and state.',
        queries: [
          {
            expr: `sum by (${QUEUE}, state) (${series('sietch.queue.depth')}${matching()})`,
            legend: '{{messaging_destination_name}} {{state}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Oldest waiting job',
        description: 'The better signal than depth: how long a webhook waits for a worker.',
        unit: 's',
        queries: [
          {
            expr: `max by (${QUEUE}) (${series('sietch.queue.oldest_waiting.age')}${matching()})`,
            legend: '{{messaging_destination_name}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Circuit state',
        description: '0 closed, 0.5 half-open, 1 open.',
        queries: [{ expr: `max by (name) (${series('sietch.circuit_breaker.state')}${matching()})`, legend: '{{name}}' }],
      }),
    )
    .withRow(row('Databases'))
    .withPanel(
      lines({
        title: 'PostgreSQL query duration',
        description: 'By operation; the dots lead to traces.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, DB, ['db_operation_name'], matching('db_system_name="postgresql"')),
            legend: 'p95 {{db_operation_name}}',
            exemplars: true,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Redis command duration',
        description: 'By command.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, DB, ['db_operation_name'], matching('db_system_name="redis"')),
            legend: 'p95 {{db_operation_name}}',
            exemplars: true,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Database errors',
        description: 'Failed queries and commands by error.type.',
        unit: 'ops',
        queries: [
          {
            expr: countRate(DB, ['db_system_name', 'error_type'], matching('error_type!=""')),
            legend: '{{db_system_name}} {{error_type}}',
          },
        ],
      }),
    )
    .withRow(row('Flight recorder'))
    .withPanel(
      lines({
        title: 'Traces kept',
        description: 'Traces that head sampling did not keep and that were sent, by reason.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.recorder.kept', ['sietch_keep_reason'], matching()), legend: '{{sietch_keep_reason}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Reasons refused',
        description: 'A trace had a reason and was not sent: over the rate limit, the export queue was full, or it had left the ring.',
        unit: 'ops',
        queries: [
          {
            expr: rate('sietch.recorder.refused', ['sietch_keep_reason', 'sietch_recorder_refusal'], matching()),
            legend: '{{sietch_keep_reason}} {{sietch_recorder_refusal}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Traces evicted',
        description: 'Traces that left the ring before their time, since it was full: a reason that comes late misses them.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.recorder.traces', ['job'], matching('sietch_recorder_outcome="evicted"')), legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Marks between processes',
        description:
          'Marks of kept traces in the Redis of queues: written, heard (this process has kept its half), lost (halves of others are missing).',
        unit: 'ops',
        queries: [{ expr: rate('sietch.recorder.marks', ['outcome'], matching()), legend: '{{outcome}}' }],
      }),
    )
    .withRow(row('Node'))
    .withPanel(
      lines({
        title: 'Event loop delay, 99th percentile',
        description: 'How late timers run: the app is busy.',
        unit: 's',
        queries: [{ expr: `max by (job) (${series('nodejs.eventloop.delay.p99')}${matching()})`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Event loop utilization',
        description: 'Share of time the event loop is not idle.',
        unit: 'percentunit',
        queries: [{ expr: `max by (job) (${series('nodejs.eventloop.utilization')}${matching()})`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Heap, share of its limit',
        description: 'At 1 the process ends, out of memory. The fullest of each job.',
        unit: 'percentunit',
        queries: [{ expr: `max by (job) (${HEAP_SHARE})`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Memory, share of its limit',
        description: 'Resident memory against the limit of the container; at 1 the kernel kills it. The fullest of each job.',
        unit: 'percentunit',
        queries: [{ expr: `max by (job) (${MEMORY_SHARE})`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'CPU',
        description: 'CPU seconds a second, of all threads.',
        queries: [{ expr: rate('process.cpu.time', ['job', 'cpu_mode'], matching()), legend: '{{job}} {{cpu_mode}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Open files and sockets',
        description: 'The most of each job. A line that only rises is a leak.',
        queries: [{ expr: `max by (job) (${series('process.unix.file_descriptor.count')}${matching()})`, legend: '{{job}}' }],
      }),
    );
}

function webhookQueue(): DashboardBuilder {
  return dashboard('webhook-queue', 'Sietch: webhook queue')
    .withPanel(
      number({
        title: 'Dead letters',
        description: 'Jobs without attempts left.',
        queries: [
          { expr: `sum by (${QUEUE}) (${series('sietch.queue.dlq.depth')}${matching()})`, legend: '{{messaging_destination_name}}' },
        ],
      }),
    )
    .withPanel(
      number({
        title: 'Age of these numbers',
        description: "Grows while the queue's Redis does not answer.",
        unit: 's',
        queries: [
          { expr: `max by (${QUEUE}) (${series('sietch.queue.metrics.age')}${matching()})`, legend: '{{messaging_destination_name}}' },
        ],
      }),
    )
    .withPanel(
      number({
        title: 'Oldest waiting job',
        description: 'How long a webhook waits.',
        unit: 's',
        queries: [
          {
            expr: `max by (${QUEUE}) (${series('sietch.queue.oldest_waiting.age')}${matching()})`,
            legend: '{{messaging_destination_name}}',
          },
        ],
      }),
    )
    .withPanel(
      number({
        title: 'Oldest active job',
        description: 'How long it has been worked on: one that hangs, or a worker that is gone.',
        unit: 's',
        queries: [
          { expr: `max by (${QUEUE}) (${series('sietch.queue.active.age')}${matching()})`, legend: '{{messaging_destination_name}}' },
        ],
      }),
    )
    .withPanel(
      number({
        title: 'Stalled jobs',
        description: 'Workers that died or blocked, in the range shown.',
        queries: [
          {
            expr: `sum by (${QUEUE}) (increase(${series('sietch.queue.stalled')}${matching()}[$__range]))`,
            legend: '{{messaging_destination_name}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Jobs by state',
        description: 'Depth of each queue.',
        queries: [
          {
            expr: `sum by (${QUEUE}, state) (${series('sietch.queue.depth')}${matching()})`,
            legend: '{{messaging_destination_name}} {{state}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Jobs by outcome',
        description: 'completed, retried (comes again) or dead.',
        unit: 'ops',
        queries: [
          { expr: rate('sietch.queue.jobs', [QUEUE, 'outcome'], matching()), legend: '{{messaging_destination_name}} {{outcome}}' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'In and out',
        description: 'Jobs handed over against attempts begun.',
        unit: 'ops',
        queries: [
          { expr: rate('messaging.client.sent.messages', [QUEUE], matching()), legend: 'sent {{messaging_destination_name}}' },
          { expr: rate('messaging.client.consumed.messages', [QUEUE], matching()), legend: 'begun {{messaging_destination_name}}' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Wait',
        description: 'From when a job was due until its first attempt began.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'sietch.queue.wait.duration', [QUEUE], matching()),
            legend: 'p95 {{messaging_destination_name}}',
            exemplars: true,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Run time',
        description: 'One attempt.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.95, 'messaging.process.duration', [QUEUE], matching()),
            legend: 'p95 {{messaging_destination_name}}',
            exemplars: true,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Time to enqueue',
        description: 'What the HTTP handler waits for.',
        unit: 's',
        queries: [
          {
            expr: quantile(0.99, 'messaging.client.operation.duration', [QUEUE], matching()),
            legend: 'p99 {{messaging_destination_name}}',
            exemplars: true,
          },
        ],
      }),
    );
}

function postgresql(): DashboardBuilder {
  const pg = (...more: readonly string[]) => matching('db_system_name="postgresql"', ...more);
  return dashboard('postgresql', 'Sietch: PostgreSQL')
    .withPanel(
      lines({
        title: 'Queries a second',
        description: 'By operation.',
        unit: 'ops',
        queries: [{ expr: countRate(DB, ['db_operation_name'], pg()), legend: '{{db_operation_name}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Duration',
        description: "The dots lead to traces; the trace id stands in the server's slow log too.",
        unit: 's',
        queries: [
          { expr: quantile(0.99, DB, ['db_operation_name'], pg()), legend: 'p99 {{db_operation_name}}', exemplars: true },
          { expr: quantile(0.5, DB, ['db_operation_name'], pg()), legend: 'p50 {{db_operation_name}}' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Errors',
        description: 'By SQLSTATE or error.type.',
        unit: 'ops',
        queries: [{ expr: countRate(DB, ['error_type'], pg('error_type!=""')), legend: '{{error_type}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Slow queries',
        description: 'Over SIETCH_OTEL_PG_SLOW_QUERY_MS; each is a log record with its trace.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.slow_query', ['db_operation_name'], matching()), legend: '{{db_operation_name}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Time share by operation',
        description: 'Seconds of query time a second.',
        unit: 'short',
        queries: [
          { expr: `sum by (db_operation_name) (rate(${series(DB)}_sum${pg()}[$__rate_interval]))`, legend: '{{db_operation_name}}' },
        ],
      }),
    );
}

function circuitBreakers(): DashboardBuilder {
  return dashboard('circuit-breakers', 'Sietch: circuit breakers')
    .withPanel(
      lines({
        title: 'State',
        description: '0 closed, 0.5 half-open, 1 open.',
        queries: [{ expr: `max by (name) (${series('sietch.circuit_breaker.state')}${matching()})`, legend: '{{name}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Calls by outcome',
        description: 'rejected: not permitted because the circuit is open; at_capacity: over capacity.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.circuit_breaker.calls', ['name', 'outcome'], matching()), legend: '{{name}} {{outcome}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Transitions',
        description: 'How often a circuit changes its state.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.circuit_breaker.transitions', ['name', 'to'], matching()), legend: '{{name}} to {{to}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Failure rate of the window',
        description: 'What opens the circuit.',
        unit: 'percentunit',
        queries: [{ expr: `max by (name) (${series('sietch.circuit_breaker.failure_rate')}${matching()})`, legend: '{{name}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Slow-call rate of the window',
        description: 'Calls that took longer than the breaker calls slow.',
        unit: 'percentunit',
        queries: [{ expr: `max by (name) (${series('sietch.circuit_breaker.slow_call_rate')}${matching()})`, legend: '{{name}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Call duration',
        description: 'The dots lead to traces.',
        unit: 's',
        queries: [
          { expr: quantile(0.95, 'sietch.circuit_breaker.call.duration', ['name'], matching()), legend: 'p95 {{name}}', exemplars: true },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Fallbacks',
        description: 'Answers given in place of the protected call.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.circuit_breaker.fallbacks', ['name'], matching()), legend: '{{name}}' }],
      }),
    );
}

/** What a dashboard's file holds. */
export function dashboardJson(builder: DashboardBuilder): string {
  return `${JSON.stringify(builder.build(), null, 2)}\n`;
}

export function dashboardFile(name: string): string {
  return fileURLToPath(new URL(`dashboards/${name}.json`, import.meta.url));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, builder] of Object.entries(dashboards())) writeFileSync(dashboardFile(name), dashboardJson(builder));
}
