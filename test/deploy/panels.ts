// The queries of the dashboards, with Grafana's variables filled in.
import { dashboardJson, dashboards } from '../../deploy/grafana/dashboards.ts';

export interface PanelQuery {
  dashboard: string;
  panel: string;
  expr: string;
}

interface Panel {
  title?: string;
  targets?: { expr?: string }[];
  panels?: Panel[];
}

/** @param interval what `$__rate_interval` and `$__range` stand for */
export function panelQueries(interval: string): PanelQuery[] {
  return Object.entries(dashboards()).flatMap(([dashboard, builder]) => {
    const { panels }: { panels: Panel[] } = JSON.parse(dashboardJson(builder));
    return panels
      .flatMap((panel) => [panel, ...(panel.panels ?? [])])
      .flatMap(({ title = '', targets = [] }) =>
        targets.map(({ expr = '' }) => ({
          dashboard,
          panel: title,
          expr: expr.replaceAll('$__rate_interval', interval).replaceAll('$__range', interval).replaceAll('$job', '.*'),
        })),
      );
  });
}
