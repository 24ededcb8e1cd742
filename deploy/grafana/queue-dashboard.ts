// Queues: who waits, what hangs, what was given up, and whether workers keep pace.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { lines, number } from './panels.ts';
import { highest, matching, QUEUE, quantile, rate, series } from './series.ts';

const NAME = `{{${QUEUE}}}`;
const DEAD = `${series('sietch.queue.dlq.depth')}${matching()}`;
export const NEW_DEAD_LETTERS = `max by (${QUEUE}) (${DEAD} - min_over_time(${DEAD}[10m]))`;

export function queueDashboard(): DashboardBuilder {
  return dashboard('webhook-queue', 'Sietch: queues')
    .withPanel(
      number({
        title: 'How many dead letters?',
        description: 'Jobs without attempts left, which wait for a person: orange from the first on. `sietch-otel dlq ls` lists them.',
        warnsAbove: 0,
        queries: [{ expr: highest('sietch.queue.dlq.depth', [QUEUE]), legend: NAME }],
      }),
    )
    .withPanel(
      number({
        title: 'How long does the oldest job wait?',
        description: 'For a worker.',
        unit: 's',
        alerts: ['SietchOldestJobTooOld'],
        queries: [{ expr: highest('sietch.queue.oldest_waiting.age', [QUEUE]), legend: NAME }],
      }),
    )
    .withPanel(
      number({
        title: 'Did workers die or block?',
        description: 'Stalled jobs in the range shown.',
        queries: [{ expr: `sum by (${QUEUE}) (increase(${series('sietch.queue.stalled')}${matching()}[$__range]))`, legend: NAME }],
      }),
    )
    .withPanel(
      number({
        title: 'Are these numbers current?',
        description: "Their age. It grows while the queue's Redis does not answer.",
        unit: 's',
        alerts: ['SietchQueueMetricsStale'],
        queries: [{ expr: highest('sietch.queue.metrics.age', [QUEUE]), legend: NAME }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long do jobs wait for a worker?',
        description: 'Age of the oldest job that waits.',
        unit: 's',
        alerts: ['SietchOldestJobTooOld'],
        queries: [{ expr: highest('sietch.queue.oldest_waiting.age', [QUEUE]), legend: NAME }],
      }),
    )
    .withPanel(
      lines({
        title: 'Does a job hang?',
        description: 'Age of the oldest active job: its processor hangs, or its worker is gone.',
        unit: 's',
        alerts: ['SietchActiveJobTooOld'],
        queries: [{ expr: highest('sietch.queue.active.age', [QUEUE]), legend: NAME }],
      }),
    )
    .withPanel(
      lines({
        title: 'Are jobs given up?',
        description: 'New dead letters within ten minutes.',
        alerts: ['SietchDeadLettersGrowing'],
        queries: [{ expr: NEW_DEAD_LETTERS, legend: NAME }],
      }),
    )
    .withPanel(
      lines({
        title: 'Does Redis take new jobs?',
        description: 'Webhooks of the last five minutes that did not reach their queue, by reason and by what was done with them.',
        alerts: ['SietchEnqueueDegraded'],
        empty: 'It takes all',
        queries: [
          {
            expr: `sum by (sietch_queue_reason, sietch_queue_mode) (round(increase(${series('sietch.queue.degraded')}${matching()}[5m])))`,
            legend: '{{sietch_queue_reason}} {{sietch_queue_mode}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Where do jobs stand?',
        description: 'Depth of each queue by state.',
        queries: [{ expr: highest('sietch.queue.depth', [QUEUE, 'sietch_queue_job_state']), legend: `${NAME} {{sietch_queue_job_state}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'Do workers keep pace?',
        description: 'Jobs handed over against attempts begun.',
        unit: 'ops',
        queries: [
          { expr: rate('messaging.client.sent.messages', [QUEUE], matching()), legend: `${NAME} sent` },
          { expr: rate('messaging.client.consumed.messages', [QUEUE], matching()), legend: `${NAME} begun` },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'What becomes of the attempts?',
        description: 'completed, retried (the job comes again) or dead.',
        unit: 'ops',
        queries: [
          {
            expr: rate('sietch.queue.jobs', [QUEUE, 'sietch_queue_job_outcome'], matching()),
            legend: `${NAME} {{sietch_queue_job_outcome}}`,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'How long from due to begun?',
        description: '95th percentile, from when a job was due until its first attempt began.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'sietch.queue.wait.duration', [QUEUE], matching()), legend: NAME, exemplars: true }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long does an attempt take?',
        description: '95th percentile of run times. The dots lead to traces.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'messaging.process.duration', [QUEUE], matching()), legend: NAME, exemplars: true }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long does a handler wait to enqueue?',
        description: '99th percentile of handing a job over.',
        unit: 's',
        span: 24,
        queries: [{ expr: quantile(0.99, 'messaging.client.operation.duration', [QUEUE], matching()), legend: NAME, exemplars: true }],
      }),
    );
}
