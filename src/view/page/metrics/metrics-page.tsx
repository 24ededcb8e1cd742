// The page Metrics: each metric that was received or scraped as a small chart, or one of them large.
import { signal } from '@preact/signals';
import type { MetricSummary, MetricsAnswer } from '../../api.js';
import { ask } from '../parts/api-client.js';
import { useCardShortcuts } from '../parts/card-keys.js';
import { Choice, SearchField } from '../parts/fields.js';
import { useShortcuts } from '../parts/keyboard.js';
import { generation, status } from '../parts/live.js';
import { useLiveRefresher } from '../parts/refresh.js';
import { navigate, route, setParameters } from '../parts/route.js';
import { lineText, numberText } from '../parts/text.js';
import { unitOf } from './line-data.js';
import { MetricChart } from './metric-chart.js';
import { MetricView } from './metric-view.js';

const metrics = signal<readonly MetricSummary[] | undefined>(undefined);
const failure = signal('');

/** Charts on the page; a search finds the others. */
const MAX_CARDS = 300;
const REFRESH_MS = 3_000;

export function MetricsPage() {
  const { id, parameters } = route.value;
  useLiveRefresher(fetchMetrics, (added) => added.metrics > 0, String(generation.value), REFRESH_MS);
  const service = parameters.get('service') ?? '';
  const list = metrics.value ?? [];
  const one = list.find(({ name }) => name === id);
  if (id !== '' && one !== undefined) return <MetricView key={one.name} metric={one} service={service} />;
  return <MetricGrid list={list} text={parameters.get('q') ?? ''} service={service} />;
}

function fetchMetrics(signal: AbortSignal): Promise<void> {
  return ask<MetricsAnswer>('/api/metrics', signal, failure, (answer) => {
    // The same list again is not drawn again.
    if (JSON.stringify(metrics.value) !== JSON.stringify(answer.metrics)) metrics.value = answer.metrics;
  });
}

function MetricGrid({ list, text, service }: { readonly list: readonly MetricSummary[]; readonly text: string; readonly service: string }) {
  useCardShortcuts();
  useShortcuts({
    Escape: () => {
      if (text === '' && service === '') return true;
      navigate('/metrics');
      return false;
    },
  });
  const words = text.toLowerCase().split(/\s+/);
  const found = list.filter(
    ({ name, description, services }) =>
      (service === '' || services.includes(service)) &&
      words.every((word) => name.toLowerCase().includes(word) || description.toLowerCase().includes(word)),
  );
  const services = [...new Set(list.flatMap((metric) => metric.services))].sort();
  return (
    <main class="page">
      <h1 class="hidden">Metrics</h1>
      <search class="filters">
        <SearchField label="Search metrics" placeholder="name or description" value={text} onChange={(q) => setParameters({ q })} />
        <Choice
          label="Service"
          all="all services"
          value={service}
          options={services}
          onChange={(each) => setParameters({ service: each })}
        />
        <span class="dim count">
          {metrics.value === undefined ? '' : `${numberText(found.length)} ${found.length === 1 ? 'metric' : 'metrics'}`}
        </span>
      </search>
      <div class="scroll">
        {failure.value === '' ? null : <p class="nothing error">{failure.value}</p>}
        <Scraped />
        {metrics.value !== undefined && found.length === 0 ? <NoMetrics isSearched={list.length > 0} /> : null}
        <div class="grid">
          {found.slice(0, MAX_CARDS).map((metric) => (
            <article key={metric.name} class="card">
              <h2>
                <a data-card="" href={addressOf(metric, service)} title={lineText(metric.description)}>
                  {lineText(metric.name)}
                </a>{' '}
                <span class="dim">{lineText(unitOf(metric))}</span>
              </h2>
              <MetricChart metric={metric} service={service} height={118} />
            </article>
          ))}
        </div>
        {found.length > MAX_CARDS ? <p class="dim nothing">{found.length - MAX_CARDS} more: narrow the search to see them.</p> : null}
      </div>
    </main>
  );
}

function addressOf({ name }: MetricSummary, service: string): string {
  return `/metrics/${encodeURIComponent(name)}${service === '' ? '' : `?service=${encodeURIComponent(service)}`}`;
}

/** Endpoints that cannot be read. */
function Scraped() {
  const broken = (status.value?.scraped ?? []).filter(({ error }) => error !== undefined);
  return (
    <>
      {broken.map(({ url, error }) => (
        <p key={url} class="nothing error">
          {lineText(url)}: {lineText(error ?? '')}
        </p>
      ))}
    </>
  );
}

function NoMetrics({ isSearched }: { readonly isSearched: boolean }) {
  if (isSearched) return <p class="nothing dim">No metric matches. Escape clears the search.</p>;
  return (
    <p class="nothing dim">
      No metric has arrived. Apps push them with <code>OTEL_METRICS_EXPORTER=otlp</code>; those that serve Prometheus are read with{' '}
      <code>sietch-otel view --scrape http://127.0.0.1:9464/metrics</code>.
    </p>
  );
}
