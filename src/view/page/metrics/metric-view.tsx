// One metric, large, with its series as a table.
import { useState } from 'preact/hooks';
import type { ApiSeries, MetricSummary, SeriesAnswer } from '../../api.js';
import { useShortcuts } from '../parts/keyboard.js';
import { navigate, pageAddress } from '../parts/route.js';
import { lineOf, lineText, numberText } from '../parts/text.js';
import { isDark } from '../parts/theme.js';
import { lineColor } from './line-chart.js';
import { MAX_LINES, unitOf } from './line-data.js';
import { MetricChart } from './metric-chart.js';

/** Series in the table. */
const MAX_ROWS = 100;

export function MetricView({ metric, service }: { readonly metric: MetricSummary; readonly service: string }) {
  const [answer, setAnswer] = useState<SeriesAnswer | undefined>();
  useShortcuts({ Escape: () => navigate(pageAddress('metrics')) });
  return (
    <main class="page">
      <div class="scroll wide-view">
        <h1>
          <a href={pageAddress('metrics')} class="back" aria-label="Back to all metrics" title="Back (Escape)">
            ←
          </a>{' '}
          {lineText(metric.name)} <span class="dim">{lineText(unitOf(metric))}</span>
        </h1>
        <p class="dim">{lineText(metric.description)}</p>
        <MetricChart metric={metric} service={service} height={320} onSeries={setAnswer} />
        {answer === undefined ? null : <SeriesTable answer={answer} metric={metric} />}
      </div>
    </main>
  );
}

function SeriesTable({ answer, metric }: { readonly answer: SeriesAnswer; readonly metric: MetricSummary }) {
  const isDrawn = metric.type !== 'histogram' && metric.type !== 'exponentialHistogram';
  return (
    <>
      <table class="facts-table" aria-label="Series">
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col">Service</th>
            <th scope="col" class="number">
              Last
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.series.slice(0, MAX_ROWS).map((series, index) => (
            <tr key={`${series.service} ${series.instance} ${JSON.stringify(series.attributes)}`}>
              <td>
                {isDrawn && index < MAX_LINES ? <span class="swatch" style={{ background: lineColor(index, isDark.value) }} /> : null}
                <Labels series={series} />
              </td>
              <td>{lineText(series.service)}</td>
              <td class="number">{lastText(series)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {answer.total > MAX_ROWS ? <p class="dim">{answer.total - MAX_ROWS} more series are not shown.</p> : null}
    </>
  );
}

function Labels({ series }: { readonly series: ApiSeries }) {
  const entries = Object.entries(series.attributes);
  if (entries.length === 0) return <span class="dim">no attributes</span>;
  return (
    <>
      {entries.map(([name, value]) => (
        <span key={name} class="pair">
          {lineText(name)}={lineOf(value)}
        </span>
      ))}
    </>
  );
}

function lastText({ points }: ApiSeries): string {
  const last = points.at(-1);
  if (last === undefined) return '';
  if (last.histogram !== undefined) return `${numberText(last.histogram.count)} measured`;
  const value = last.value ?? last.quantiles?.at(-1)?.value;
  return value === undefined || value === null ? 'NaN' : numberText(value);
}
