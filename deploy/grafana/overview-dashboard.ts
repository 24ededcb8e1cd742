// The overview: one screen that says what is broken, since when and for whom; the other dashboards say why.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { BREAKER_STATES, breakerStates, lines, number, type PanelFacts, table } from './panels.ts';
import { HEAP_SHARE, MEMORY_SHARE } from './process-dashboard.ts';
import { NEW_DEAD_LETTERS } from './queue-dashboard.ts';
import { BREAKER, countRate, highest, matching, NOT_BLOCKING, QUEUE, quantile, rate } from './series.ts';

const REQUESTS = 'http.server.request.duration';
const FAILED = matching('http_response_status_code=~"5.."');
const FIRING = 'ALERTS_FOR_STATE{alertname=~"Sietch.+"} and ignoring (alertstate) ALERTS{alertstate="firing"}';
/** The labels of alerts that say it, one cell together: no alert has all of them. */
const WHOM = ['job', 'instance', QUEUE, BREAKER, 'sietch_queue_reason'].map((label) => `"${label}"`).join(', ');
const HEIGHT = 6;

/** 1920 × 1080 shows 22 rows of Grafana's grid. */
export function overviewDashboard(): DashboardBuilder {
  const overview = dashboard('overview', 'Sietch: overview');
  for (const facts of TILES) overview.withPanel(number({ ...facts, span: 3, height: 4 }));
  return overview
    .withPanel(
      table({
        title: 'What is broken, since when, for whom?',
        description: 'The alerts that fire. docs/runbook.md has a section for each: what it means and what to do first.',
        span: 14,
        height: HEIGHT,
        queries: [
          {
            expr: `sort_desc(max by (alertname, severity, whom) (label_join(time() - (${FIRING}), "whom", " ", ${WHOM})))`,
            legend: '',
          },
        ],
        columns: { alertname: 'alert', Value: 'for', whom: 'whom', severity: 'severity' },
        empty: 'No alert fires',
      }),
    )
    .withPanel(
      lines({
        title: 'Which routes fail, and since when?',
        description: 'Requests a second that were answered with a 5xx.',
        unit: 'reqps',
        span: 10,
        height: HEIGHT,
        empty: 'None fails',
        queries: [
          {
            expr: countRate(REQUESTS, ['http_route', 'http_response_status_code'], FAILED),
            legend: '{{http_route}} {{http_response_status_code}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'How long do requests take?',
        description: '95th percentile by route. The dots are exemplars: each leads to its trace.',
        unit: 's',
        height: HEIGHT,
        queries: [{ expr: quantile(0.95, REQUESTS, ['http_route'], matching()), legend: '{{http_route}}', exemplars: true }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long do jobs wait for a worker?',
        description: 'Age of the oldest job that waits, by queue.',
        unit: 's',
        height: HEIGHT,
        alerts: ['SietchOldestJobTooOld'],
        queries: [{ expr: highest('sietch.queue.oldest_waiting.age', [QUEUE]), legend: `{{${QUEUE}}}` }],
      }),
    )
    .withPanel(
      breakerStates({
        title: 'Which circuits are open, and since when?',
        description: 'While one is open, its calls are not made.',
        height: HEIGHT,
        queries: [{ expr: highest('sietch.circuit_breaker.state', [BREAKER]), legend: `{{${BREAKER}}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'Which queries and commands are slow?',
        description: '95th percentile by operation, without commands that block. The dots lead to traces.',
        unit: 's',
        height: HEIGHT,
        queries: [
          {
            expr: quantile(0.95, 'db.client.operation.duration', ['db_system_name', 'db_operation_name'], matching(NOT_BLOCKING)),
            legend: '{{db_system_name}} {{db_operation_name}}',
            exemplars: true,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Whose memory is short?',
        description: 'The fullest process of each job: heap against its limit, resident memory against the limit of the container.',
        unit: 'percentunit',
        height: HEIGHT,
        alerts: ['SietchHeapNearLimit'],
        queries: [
          { expr: `max by (job) (${HEAP_SHARE})`, legend: '{{job}} heap' },
          { expr: `max by (job) (${MEMORY_SHARE})`, legend: '{{job}} memory' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Whose event loop is late?',
        description: 'How late timers run, 99th percentile, the worst process of each job.',
        unit: 's',
        height: HEIGHT,
        alerts: ['SietchEventLoopDelayed'],
        queries: [{ expr: highest('nodejs.eventloop.delay.p99', ['job']), legend: '{{job}}' }],
      }),
    );
}

const TILES: readonly PanelFacts[] = [
  {
    title: 'Do requests fail?',
    description: 'Share of incoming requests that are answered with a 5xx.',
    unit: 'percentunit',
    alerts: ['SietchRequestsFailing'],
    queries: [
      {
        expr: `(${countRate(REQUESTS, [], FAILED)} or vector(0)) / (${countRate(REQUESTS, [], matching())} > 0) or vector(0)`,
        legend: '',
      },
    ],
  },
  {
    title: 'Are requests slow?',
    description: '95th percentile of all routes.',
    unit: 's',
    queries: [{ expr: quantile(0.95, REQUESTS, [], matching()), legend: '' }],
  },
  {
    title: 'Do jobs wait?',
    description: 'Age of the oldest job that waits in any queue.',
    unit: 's',
    alerts: ['SietchOldestJobTooOld'],
    queries: [{ expr: highest('sietch.queue.oldest_waiting.age', []), legend: '' }],
  },
  {
    title: 'Does a job hang?',
    description: 'Age of the oldest job that is worked on: one that hangs, or a worker that is gone.',
    unit: 's',
    alerts: ['SietchActiveJobTooOld'],
    queries: [{ expr: highest('sietch.queue.active.age', []), legend: '' }],
  },
  {
    title: 'Are jobs given up?',
    description: 'New dead letters within ten minutes, in all queues.',
    alerts: ['SietchDeadLettersGrowing'],
    queries: [{ expr: `sum(${NEW_DEAD_LETTERS})`, legend: '' }],
  },
  {
    title: 'Is a circuit open?',
    description: 'The worst state of all breakers.',
    states: BREAKER_STATES,
    alerts: ['SietchCircuitOpen'],
    queries: [{ expr: highest('sietch.circuit_breaker.state', []), legend: '' }],
  },
  {
    title: 'Is memory short?',
    description: 'Of all processes the fullest: its heap, or its resident memory in its container.',
    unit: 'percentunit',
    alerts: ['SietchHeapNearLimit'],
    queries: [{ expr: `max(${HEAP_SHARE} or ${MEMORY_SHARE})`, legend: '' }],
  },
  {
    title: 'Do exports fail?',
    description: 'Exports of telemetry that fail a second.',
    unit: 'ops',
    alerts: ['SietchExporterFailing'],
    queries: [{ expr: rate('sietch.otel.export.failures', [], matching()), legend: '' }],
  },
];
