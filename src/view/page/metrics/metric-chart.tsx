// The chart of one metric: fetched while it is in sight, and again as measurements arrive.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { MetricSummary, SeriesAnswer } from '../../api.js';
import { ask } from '../parts/api-client.js';
import { useLiveRefresher } from '../parts/refresh.js';
import { heatOf } from './heat-data.js';
import { HeatMap } from './heat-map.js';
import { LineChart } from './line-chart.js';
import { linesOf, unitOf } from './line-data.js';

export interface MetricChartProps {
  readonly metric: MetricSummary;
  readonly service: string;
  readonly height: number;
  readonly onSeries?: (answer: SeriesAnswer) => void;
}

const REFRESH_MS = 2_000;

export function MetricChart({ metric, service, height, onSeries }: MetricChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const isSeen = useRef(false);
  const answer = useSignal<SeriesAnswer | undefined>(undefined);
  const failure = useSignal('');
  const refresher = useLiveRefresher(
    async (aborted) => {
      if (!isSeen.current) return;
      const query = new URLSearchParams({ name: metric.name, ...(service === '' ? {} : { service }) });
      await ask<SeriesAnswer>(`/api/metrics/series?${query}`, aborted, failure, (got) => {
        answer.value = got;
        onSeries?.(got);
      });
    },
    ({ metrics }) => metrics > 0 && isSeen.current,
    `${metric.name} ${service}`,
    REFRESH_MS,
  );
  useEffect(() => {
    if (box.current === null) return;
    const observer = new IntersectionObserver(([entry]) => {
      isSeen.current = entry?.isIntersecting ?? false;
      if (!isSeen.current) return;
      if (answer.value === undefined) refresher.restart();
      else refresher.request();
    });
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={box} style={{ minHeight: `${height}px` }}>
      {failure.value === '' ? <Drawn answer={answer.value} metric={metric} height={height} /> : <p class="dim">{failure.value}</p>}
    </div>
  );
}

interface DrawnProps extends Pick<MetricChartProps, 'metric' | 'height'> {
  readonly answer: SeriesAnswer | undefined;
}

function Drawn({ answer, metric, height }: DrawnProps) {
  const isHistogram = metric.type === 'histogram' || metric.type === 'exponentialHistogram';
  const heat = useMemo(() => (isHistogram && answer !== undefined ? heatOf(answer.series) : undefined), [answer]);
  const lines = useMemo(() => (isHistogram || answer === undefined ? undefined : linesOf(answer.series, metric)), [answer]);
  const unit = unitOf(metric);
  if (heat !== undefined) return <HeatMap data={heat} height={height} label={metric.name} unit={unit} />;
  if (lines !== undefined && lines.times.length > 0) return <LineChart data={lines} height={height} label={metric.name} unit={unit} />;
  return answer === undefined ? null : <p class="dim">Nothing measured yet</p>;
}
