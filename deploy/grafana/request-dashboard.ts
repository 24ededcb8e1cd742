// Requests, incoming and outgoing: which are many, which fail, which are slow.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { lines, row } from './panels.ts';
import { countRate, matching, quantile, series } from './series.ts';

const INCOMING = 'http.server.request.duration';
const OUTGOING = 'http.client.request.duration';

export function requestDashboard(): DashboardBuilder {
  return dashboard('requests', 'Sietch: requests')
    .withRow(row('Incoming'))
    .withPanel(
      lines({
        title: 'Which routes are called?',
        description: 'Requests a second by route and status.',
        unit: 'reqps',
        queries: [
          {
            expr: countRate(INCOMING, ['http_route', 'http_response_status_code'], matching()),
            legend: '{{http_route}} {{http_response_status_code}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'What share fails, and of which service?',
        description: 'Share of the requests of a service that were answered with a 5xx.',
        unit: 'percentunit',
        empty: 'None fails',
        alerts: ['SietchRequestsFailing'],
        queries: [
          {
            expr: `${countRate(INCOMING, ['job'], matching('http_response_status_code=~"5.."'))} / ${countRate(INCOMING, ['job'], matching())}`,
            legend: '{{job}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Do requests pile up?',
        description: 'Not answered yet. It grows while what they wait for hangs: `sietch-otel now` shows what that is.',
        queries: [{ expr: `sum by (job) (${series('http.server.active_requests')}${matching()})`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long do the slow ones take?',
        description: '99th percentile by route. The dots are exemplars: each leads to its trace.',
        unit: 's',
        span: 12,
        queries: [{ expr: quantile(0.99, INCOMING, ['http_route'], matching()), legend: '{{http_route}}', exemplars: true }],
      }),
    )
    .withPanel(
      lines({
        title: 'How long does the usual one take?',
        description: 'Median by route.',
        unit: 's',
        span: 12,
        queries: [{ expr: quantile(0.5, INCOMING, ['http_route'], matching()), legend: '{{http_route}}' }],
      }),
    )
    .withRow(row('Outgoing'))
    .withPanel(
      lines({
        title: 'Which servers are called?',
        description: 'Requests a second by server and status.',
        unit: 'reqps',
        queries: [
          {
            expr: countRate(OUTGOING, ['server_address', 'http_response_status_code'], matching()),
            legend: '{{server_address}} {{http_response_status_code}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Which servers fail us?',
        description: 'Failed requests a second by server and error.type.',
        unit: 'reqps',
        empty: 'None fails',
        queries: [
          {
            expr: countRate(OUTGOING, ['server_address', 'error_type'], matching('error_type!=""')),
            legend: '{{server_address}} {{error_type}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Which servers are slow?',
        description: '95th percentile by server. The dots lead to traces.',
        unit: 's',
        queries: [{ expr: quantile(0.95, OUTGOING, ['server_address'], matching()), legend: '{{server_address}}', exemplars: true }],
      }),
    );
}
