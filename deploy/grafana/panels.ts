// The few kinds of panels the dashboards are made of.
import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesPanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { series } from './series.ts';

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** What a panel shows that has no data, which is no fault: a metric is there from its first use on. */
const NO_VALUE = 'Not used yet';

export interface PanelQuery {
  readonly expr: string;
  readonly legend: string;
  /** Shows exemplars: dots that lead to the trace. */
  readonly exemplars?: boolean;
}

export interface PanelFacts {
  readonly title: string;
  /** What a person on call reads from it. */
  readonly description: string;
  readonly unit?: string;
  readonly queries: readonly PanelQuery[];
}

export function lines({ title, description, unit = 'short', queries }: PanelFacts): TimeseriesPanelBuilder {
  const panel = new TimeseriesPanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue(NO_VALUE)
    .min(0)
    .span(8)
    .height(8)
    .fillOpacity(8)
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom));
  for (const query of queries) panel.withTarget(target(query));
  return panel;
}

export function number({ title, description, unit = 'short', queries }: PanelFacts): StatPanelBuilder {
  const panel = new StatPanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue(NO_VALUE)
    .span(6)
    .height(4);
  for (const query of queries) panel.withTarget(target(query));
  return panel;
}

export function row(title: string): RowBuilder {
  return new RowBuilder(title);
}

/** An empty dashboard with the data source and job variables and the openings of circuit breakers as annotations. */
export function dashboard(uid: string, title: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(`sietch-${uid}`)
    .tags(['sietch-otel'])
    .refresh('10s')
    .time({ from: 'now-30m', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('job')
        .label('Job')
        .datasource(DATASOURCE)
        .query(`label_values(target_info, job)`)
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
        .expr(`increase(${series('sietch.circuit_breaker.transitions')}{to="open", job=~"$job"}[1m]) > 0`),
    );
}

function target({ expr, legend, exemplars = false }: PanelQuery): DataqueryBuilder {
  return new DataqueryBuilder().expr(expr).legendFormat(legend).exemplar(exemplars);
}
