// An empty dashboard: its variables, its links to the others, and the openings of circuit breakers as annotations.
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.ts';
import { matching, STATE, series } from './series.ts';

const TAG = 'sietch-otel';

export function dashboard(uid: string, title: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(`sietch-${uid}`)
    .tags([TAG])
    .refresh('10s')
    .time({ from: 'now-30m', to: 'now' })
    .link(new DashboardLinkBuilder(TAG).type(DashboardLinkType.Dashboards).tags([TAG]).includeVars(true).keepTime(true))
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('job')
        .label('Job')
        .datasource(DATASOURCE)
        .query('label_values(target_info, job)')
        .multi(true)
        .includeAll(true)
        .allValue('.*'),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('circuit opened')
        .datasource(DATASOURCE)
        .enable(true)
        .iconColor('red')
        .expr(`increase(${series('sietch.circuit_breaker.transitions')}${matching(`${STATE}="open"`)}[1m]) > 0`),
    );
}
