// The parts of a dashboard's JSON that a picture needs.
import { dashboardJson, dashboards } from '../../../deploy/grafana/dashboards.ts';

export interface PanelTarget {
  readonly expr: string;
  readonly legendFormat?: string;
  readonly exemplar?: boolean;
  readonly instant?: boolean;
}

export interface PanelJson {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly PanelTarget[];
  readonly panels?: readonly PanelJson[];
  readonly transformations?: readonly { readonly options: { readonly renameByName?: Readonly<Record<string, string>> } }[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly noValue?: string;
      readonly mappings?: readonly { readonly options: Readonly<Record<string, { readonly text: string; readonly color: string }>> }[];
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null; readonly color: string }[] };
      readonly custom?: { readonly axisSoftMax?: number; readonly thresholdsStyle?: { readonly mode: string } };
    };
  };
}

export interface DashboardJson {
  readonly title: string;
  readonly panels: readonly PanelJson[];
}

/** All dashboards by the names of their files. */
export function dashboardsAsJson(): ReadonlyMap<string, DashboardJson> {
  return new Map(Object.entries(dashboards()).map(([name, builder]) => [name, JSON.parse(dashboardJson(builder))]));
}

/** The panels of a dashboard, those within rows too. */
export function panelsOf({ panels }: DashboardJson): readonly PanelJson[] {
  return panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}
