// What the pages have to show: metrics, a queue with a dead letter, processes that answer and one that does not.
import type { ApiDeadLetter, ApiProcess } from '../../../src/view/api.js';
import type { Metric } from '../../../src/view/telemetry.js';
import { makeLog, makeSpan, spanId, TRACE_ID } from '../spans.ts';
import { makeMetric } from './metrics.ts';
import type { ShownViewer } from './shown-viewer.ts';

export const LETTER: ApiDeadLetter = {
  id: 'evt_1',
  type: 'order.paid',
  reason: 'TypeError',
  receivedAt: '',
  diedAt: '2026-11-27T12:00:00Z',
  replays: 0,
  store: 'redis',
};

const exemplar = {
  value: 0.3,
  timeUnixNano: 1_700_000_025_000_000_000n,
  traceId: TRACE_ID,
  spanId: spanId('1'),
  filteredAttributes: {},
};
export const METRICS: readonly Metric[] = [
  makeMetric(
    'http.server.request.duration',
    'histogram',
    [
      [1, 5, 2],
      [0, 7, 3],
      [1, 4, 2, 0, 1],
    ],
    { unit: 's', exemplars: [exemplar] },
  ),
  makeMetric('process.memory.usage', 'gauge', [10, 20, 15], { unit: 'By', description: 'The amount of memory in use' }),
];

const queue = { 'messaging.destination.name': 'webhooks' };
export const QUEUE_METRICS: readonly Metric[] = [
  makeMetric('sietch.queue.depth', 'gauge', [4, 12], { attributes: { ...queue, state: 'waiting' } }),
  makeMetric('sietch.queue.oldest_waiting.age', 'gauge', [5, 65], { attributes: queue }),
  makeMetric('sietch.queue.dlq.depth', 'gauge', [0, 1], { attributes: queue }),
  makeMetric('sietch.circuit_breaker.state', 'gauge', [0, 1, 0.5, 0], { attributes: { name: 'paddle' } }),
];

const counts = { requests: 1, jobs: 0, pools: 1, redis: 0, breakers: 1 };
export const PROCESSES: readonly ApiProcess[] = [
  {
    pid: 4711,
    uid: 0,
    state: {
      pid: 4711,
      service: { name: 'orders-api', version: '1.4.2' },
      uptime: 3_600,
      node: 'v20.20.0',
      distribution: '0.1.0',
      counts,
      requests: [{ method: 'POST', route: '/orders', age: 42, traceId: TRACE_ID, waitsFor: 'waiting for a connection' }],
      jobs: [],
      pools: [{ library: 'pg', name: 'db:5432/orders', size: 10, max: 10, idle: 0, waiting: 3, clients: [] }],
      redis: [],
      breakers: [{ name: 'paddle', state: 'open', nextProbeIn: 4.2 }],
      eventLoop: { delay: 0.0004, longestBlock: 0.24, watchedFor: 42, utilization: 0.12 },
      memory: { rss: 182_400_000, heapUsed: 64_100_000, heapLimit: 4_345_298_944 },
      exports: [
        { what: 'spans', target: 'http://collector:4318/v1/traces', fill: 0, made: 10, sent: 9, failures: 0, dropped: { full: 1 } },
      ],
      unobserved: [],
      diagnostics: ['SIETCH118: the collector answered 429'],
    },
  },
  {
    pid: 4718,
    uid: 0,
    service: 'orders-api',
    unanswered: { reason: 'blocked', message: 'pid 4718 does not answer: its event loop is blocked' },
  },
];

const JOB = { 'messaging.destination.name': 'webhooks', 'messaging.message.id': '7' };
const QUERY = { 'db.system.name': 'postgresql', 'db.query.text': 'SELECT * FROM orders WHERE id = ?' };

/** A webhook with a slow statement, a job that failed once, and log records; metrics and a queue. */
export function addExamples(viewer: Pick<ShownViewer, 'add'>): void {
  const attempt = (number: number) => ({ ...JOB, 'sietch.queue.job.attempt': number, 'sietch.queue.job.wait': 0.2 });
  const worker = { kind: 'CONSUMER', service: 'worker' } as const;
  const failed = { status: { code: 'ERROR', message: 'timeout' } } as const;
  viewer.add({
    spans: [
      makeSpan('1', '', 'POST /webhooks/:source', 0, 50, { kind: 'SERVER', attributes: { 'http.route': '/webhooks/:source' } }),
      makeSpan('2', '1', 'SELECT orders', 5, 30, { kind: 'CLIENT', attributes: QUERY }),
      makeSpan('3', '1', 'send webhooks', 40, 45, { kind: 'PRODUCER' }),
      makeSpan('4', '3', 'process webhooks', 245, 400, { ...worker, ...failed, attributes: attempt(1) }),
      makeSpan('5', '3', 'process webhooks', 900, 1_100, { ...worker, attributes: attempt(2) }),
      makeSpan('6', '5', 'GET', 910, 1_000, { kind: 'CLIENT', service: 'worker' }),
    ],
    logs: [
      makeLog('1', 'webhook received', 2, { attributes: { source: 'paddle' } }),
      makeLog('4', 'it failed', 399, { service: 'worker', severityNumber: 17, severityText: 'ERROR' }),
      makeLog('5', 'a warning', 950, { service: 'worker', severityNumber: 13, severityText: 'WARN' }),
    ],
    metrics: [...METRICS, ...QUEUE_METRICS],
  });
}
