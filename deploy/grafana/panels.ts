// The few kinds of panels the dashboards are made of.
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { MappingType, RowBuilder, ThresholdsConfigBuilder, ThresholdsMode, type ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TablePanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesPanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { type AlertThreshold, alertThreshold } from './alert-threshold.ts';

export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** What a panel shows that has no data, which is no fault: a metric is there from its first use on. */
const NO_VALUE = 'Not used yet';
/** Grafana colours from a step on, and an alert fires above it: above 0 is from here on. */
const ABOVE_ZERO = 1e-6;
const COLORS: Readonly<Record<string, string>> = { critical: 'red', warning: 'orange' };

/** The states of a circuit breaker, in words. */
export const BREAKER_STATES: ValueMap = {
  type: MappingType.ValueToText,
  options: {
    0: { text: 'closed', color: 'green', index: 0 },
    0.5: { text: 'half-open', color: 'yellow', index: 1 },
    1: { text: 'open', color: 'red', index: 2 },
  },
};

export interface PanelQuery {
  readonly expr: string;
  readonly legend: string;
  /** Shows exemplars: dots that lead to the trace. */
  readonly exemplars?: boolean;
}

export interface PanelFacts {
  /** The question of a person on call that it answers. */
  readonly title: string;
  readonly description: string;
  readonly unit?: string;
  /** Columns of 24, and rows. */
  readonly span?: number;
  readonly height?: number;
  /** The alert whose threshold it shows; of several the lowest that matters first. */
  readonly alerts?: readonly string[];
  /** A number is orange above it, where the alert looks at something else: at its growth. */
  readonly warnsAbove?: number;
  /** Words for its values. */
  readonly states?: ValueMap;
  /** What stands there without data. */
  readonly empty?: string;
  readonly queries: readonly PanelQuery[];
}

export function lines({
  title,
  description,
  unit = 'short',
  span = 8,
  height = 7,
  alerts = [],
  empty = NO_VALUE,
  queries,
}: PanelFacts): TimeseriesPanelBuilder {
  const thresholds = alerts.map(alertThreshold);
  const panel = new TimeseriesPanelBuilder()
    .title(title)
    .description(describe(description, thresholds))
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue(empty)
    .min(0)
    .span(span)
    .height(height)
    .fillOpacity(8)
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom));
  if (thresholds.length > 0) {
    panel.thresholds(steps('transparent', thresholds)).thresholdsStyle(dashed());
    // The line is in sight before it is crossed.
    panel.axisSoftMax(Math.max(...thresholds.map(({ above }) => above)) * 1.1);
  }
  for (const query of queries) panel.withTarget(target(query));
  return panel;
}

/** One number: green, or of the colour of the alert that it crossed; without a colour where nothing is too much. */
export function number({
  title,
  description,
  unit = 'short',
  span = 6,
  height = 4,
  alerts = [],
  warnsAbove,
  states,
  queries,
}: PanelFacts): StatPanelBuilder {
  const thresholds = alerts.map(alertThreshold);
  const limits = warnsAbove === undefined ? thresholds : [...thresholds, { above: warnsAbove, severity: 'warning' }];
  const panel = new StatPanelBuilder()
    .title(title)
    .description(describe(description, thresholds))
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue(NO_VALUE)
    .span(span)
    .height(height)
    .thresholds(steps(limits.length === 0 ? 'text' : 'green', limits))
    .mappings(states === undefined ? [] : [states])
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .textMode(queries.some(({ legend }) => legend !== '') ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  for (const query of queries) panel.withTarget(target(query));
  return panel;
}

/** Which state each series had when: 0 closed, 0.5 half-open, 1 open, nothing where a breaker was shut down. */
export function breakerStates({ title, description, span = 8, height = 7, alerts = [], queries }: PanelFacts): StateTimelineBuilder {
  const thresholds = alerts.map(alertThreshold);
  const panel = new StateTimelineBuilder()
    .title(title)
    .description(describe(description, thresholds))
    .datasource(DATASOURCE)
    .noValue(NO_VALUE)
    .span(span)
    .height(height)
    .thresholds(steps('green', thresholds))
    .showValue(VisibilityMode.Never)
    .mergeValues(true)
    .mappings([BREAKER_STATES])
    .legend(new VizLegendOptionsBuilder().showLegend(true).displayMode(LegendDisplayMode.List).placement(LegendPlacement.Bottom));
  for (const query of queries) panel.withTarget(target(query));
  return panel;
}

export interface TableFacts extends PanelFacts {
  /** Labels, and `Value`, in their order, by the title of their column. */
  readonly columns: Readonly<Record<string, string>>;
}

/** What is so now: a row for each series of one query. */
export function table({
  title,
  description,
  unit = 's',
  span = 12,
  height = 6,
  empty = NO_VALUE,
  queries,
  columns,
}: TableFacts): TablePanelBuilder {
  const panel = new TablePanelBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .noValue(empty)
    .span(span)
    .height(height)
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(columns).map((name, index) => [name, index])),
        renameByName: columns,
      },
    });
  for (const { expr } of queries) panel.withTarget(new DataqueryBuilder().expr(expr).instant().format(PromQueryFormat.Table));
  return panel;
}

export function row(title: string): RowBuilder {
  return new RowBuilder(title);
}

function describe(text: string, thresholds: readonly AlertThreshold[]): string {
  return [text, ...thresholds.map(({ alert, above, runbook }) => `Above ${above}: ${alert}, ${runbook}.`)].join(' ');
}

function steps(below: string, thresholds: readonly Pick<AlertThreshold, 'above' | 'severity'>[]): ThresholdsConfigBuilder {
  const above = thresholds.map((each) => ({ value: each.above === 0 ? ABOVE_ZERO : each.above, color: COLORS[each.severity] ?? 'orange' }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: below }, ...above]);
}

function dashed(): GraphThresholdsStyleConfigBuilder {
  return new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed);
}

function target({ expr, legend, exemplars = false }: PanelQuery): DataqueryBuilder {
  return new DataqueryBuilder().expr(expr).legendFormat(legend).exemplar(exemplars);
}
