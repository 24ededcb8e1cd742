// The page that the address names.
import { LogsPage } from '../logs/logs-page.js';
import { MetricsPage } from '../metrics/metrics-page.js';
import { NowPage } from '../now/now-page.js';
import { route } from '../parts/route.js';
import { QueuesPage } from '../queues/queues-page.js';
import { TracePage } from '../trace/trace-page.js';
import { TracesPage } from '../traces/traces-page.js';

export function PageContent() {
  const { page, id } = route.value;
  switch (page) {
    case 'traces':
      return id === '' ? <TracesPage /> : <TracePage key={id} id={id} />;
    case 'logs':
      return <LogsPage />;
    case 'metrics':
      return <MetricsPage />;
    case 'queues':
      return <QueuesPage />;
    case 'now':
      return <NowPage />;
  }
}
