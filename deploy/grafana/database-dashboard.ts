// PostgreSQL and Redis as the app sees them: what is slow, what fails, and whether pools are exhausted.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { lines, row } from './panels.ts';
import { countRate, matching, NOT_BLOCKING, quantile, series } from './series.ts';

const DURATION = 'db.client.operation.duration';
const POOL = 'db_client_connection_pool_name';
const OPERATION = '{{db_operation_name}}';
const of =
  (system: string) =>
  (...more: readonly string[]) =>
    matching(`db_system_name="${system}"`, ...more);

export function databaseDashboard(): DashboardBuilder {
  const pg = of('postgresql');
  const redis = of('redis');
  return dashboard('databases', 'Sietch: databases')
    .withRow(row('PostgreSQL'))
    .withPanel(
      lines({
        title: 'Which queries are slow?',
        description: "99th percentile by operation. The dots lead to traces; the trace id stands in the server's slow log too.",
        unit: 's',
        queries: [{ expr: quantile(0.99, DURATION, ['db_operation_name'], pg()), legend: OPERATION, exemplars: true }],
      }),
    )
    .withPanel(
      lines({
        title: 'How many are over the limit?',
        description: 'Queries a second over SIETCH_OTEL_PG_SLOW_QUERY_MS; each is a log record sietch.pg.slow_query with its trace.',
        unit: 'ops',
        alerts: ['SietchSlowQueries'],
        queries: [{ expr: `sum by (job) (rate(${series('sietch.slow_query')}${matching()}[5m]))`, legend: '{{job}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Which queries fail?',
        description: 'By SQLSTATE or error.type.',
        unit: 'ops',
        empty: 'None fails',
        queries: [
          { expr: countRate(DURATION, ['db_operation_name', 'error_type'], pg('error_type!=""')), legend: `${OPERATION} {{error_type}}` },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Does a pool make callers wait?',
        description: '95th percentile of the time until a pool gave a connection.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'db.client.connection.wait_time', [POOL], matching()), legend: `{{${POOL}}}` }],
      }),
    )
    .withPanel(
      lines({
        title: 'Is a pool exhausted?',
        description: 'Connections by state, callers that wait for one, and the most that there may be.',
        queries: [
          {
            expr: `sum by (job, ${POOL}, db_client_connection_state) (${series('db.client.connection.count')}${matching()})`,
            legend: `{{job}} {{${POOL}}} {{db_client_connection_state}}`,
          },
          {
            expr: `sum by (job, ${POOL}) (${series('db.client.connection.pending_requests')}${matching()})`,
            legend: `{{job}} {{${POOL}}} waiting`,
          },
          { expr: `sum by (job, ${POOL}) (${series('db.client.connection.limit')}${matching()})`, legend: `{{job}} {{${POOL}}} most` },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'What does the time go into?',
        description: 'Seconds of query time a second, by operation.',
        queries: [{ expr: `sum by (db_operation_name) (rate(${series(DURATION)}_sum${pg()}[$__rate_interval]))`, legend: OPERATION }],
      }),
    )
    .withRow(row('Redis'))
    .withPanel(
      lines({
        title: 'Which commands are slow?',
        description: '99th percentile by command, without those that block. The dots lead to traces.',
        unit: 's',
        queries: [{ expr: quantile(0.99, DURATION, ['db_operation_name'], redis(NOT_BLOCKING)), legend: OPERATION, exemplars: true }],
      }),
    )
    .withPanel(
      lines({
        title: 'Which commands fail?',
        description: 'By error.type.',
        unit: 'ops',
        empty: 'None fails',
        queries: [
          {
            expr: countRate(DURATION, ['db_operation_name', 'error_type'], redis('error_type!=""')),
            legend: `${OPERATION} {{error_type}}`,
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Which commands are many?',
        description: 'Commands a second.',
        unit: 'ops',
        queries: [{ expr: countRate(DURATION, ['db_operation_name'], redis()), legend: OPERATION }],
      }),
    );
}
