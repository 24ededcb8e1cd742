// The telemetry itself: whether it arrives, what is dropped, what the flight recorder keeps.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { lines, row } from './panels.ts';
import { highest, matching, rate, series } from './series.ts';

const SIGNAL = 'sietch_otel_signal';
const COMPONENT = 'otel_component_type';

export function telemetryDashboard(): DashboardBuilder {
  return dashboard('telemetry', 'Sietch: telemetry')
    .withRow(row('Export'))
    .withPanel(
      lines({
        title: 'Does telemetry reach the collector?',
        description: 'Exports that fail a second. `sietch-otel doctor` names the cause.',
        unit: 'ops',
        alerts: ['SietchExporterFailing'],
        queries: [{ expr: `sum by (job) (rate(${series('sietch.otel.export.failures')}${matching()}[5m]))`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'What is lost, and why?',
        description: 'Items a second that a queue dropped or the collector did not accept, by cause.',
        unit: 'ops',
        empty: 'Nothing is lost',
        queries: [
          ...['otel.sdk.processor.span.processed', 'otel.sdk.processor.log.processed'],
          ...['otel.sdk.exporter.span.exported', 'otel.sdk.exporter.log.exported', 'otel.sdk.exporter.metric_data_point.exported'],
        ].map((name) => ({
          expr: rate(name, [COMPONENT, 'error_type'], matching('error_type!=""')),
          legend: `{{${COMPONENT}}} {{error_type}}`,
        })),
      }),
    )
    .withPanel(
      lines({
        title: 'How full are the queues?',
        description: 'Share of the export queue that is taken. At 1 the oldest are dropped.',
        unit: 'percentunit',
        queries: [{ expr: highest('sietch.otel.queue.fill', ['job', SIGNAL]), legend: `{{job}} {{${SIGNAL}}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'How much is sent?',
        description: 'Spans, log records and data points a second that the collector has accepted.',
        unit: 'ops',
        span: 12,
        queries: ['otel.sdk.exporter.span.exported', 'otel.sdk.exporter.log.exported', 'otel.sdk.exporter.metric_data_point.exported'].map(
          (name) => ({
            expr: rate(name, [COMPONENT], matching('error_type=""')),
            legend: `{{${COMPONENT}}}`,
          }),
        ),
      }),
    )
    .withPanel(
      lines({
        title: 'Are series refused?',
        description: 'Metrics that had too many series or another fault, and callbacks that threw.',
        unit: 'ops',
        span: 12,
        empty: 'None is refused',
        queries: [
          {
            expr: rate('sietch.metrics.dropped', ['job', 'sietch_metrics_reason'], matching()),
            legend: '{{job}} {{sietch_metrics_reason}}',
          },
          { expr: rate('sietch.metrics.callback.failures', ['job', 'error_type'], matching()), legend: '{{job}} callback {{error_type}}' },
        ],
      }),
    )
    .withRow(row('Flight recorder'))
    .withPanel(
      lines({
        title: 'Why are traces kept?',
        description: 'Traces that head sampling did not keep and that were sent, by reason.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.recorder.kept', ['sietch_keep_reason'], matching()), legend: '{{sietch_keep_reason}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Which traces should have been kept?',
        description: 'They had a reason and were not sent: over the rate limit, the export queue was full, or they had left the ring.',
        unit: 'ops',
        empty: 'None is known',
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
        title: 'Is the ring too small?',
        description: 'Traces that left it before their time: a reason that comes late misses them.',
        unit: 'ops',
        queries: [{ expr: rate('sietch.recorder.traces', ['job'], matching('sietch_recorder_outcome="evicted"')), legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'What does the recorder hold?',
        description: 'Bytes of spans that wait for a reason, by job.',
        unit: 'bytes',
        span: 12,
        queries: [{ expr: `sum by (job) (${series('sietch.recorder.bytes')}${matching()})`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Do processes hear of kept traces?',
        description: 'Marks in the Redis of queues: written, heard (this process has kept its half), lost (halves of others are missing).',
        unit: 'ops',
        span: 12,
        queries: [
          { expr: rate('sietch.recorder.marks', ['sietch_recorder_mark_outcome'], matching()), legend: '{{sietch_recorder_mark_outcome}}' },
        ],
      }),
    );
}
