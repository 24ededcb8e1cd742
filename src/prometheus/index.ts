// The Prometheus endpoint: the metric reader that is scraped, and the server that answers scrapes.
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import type { SettingsOf } from '../config/setting.js';
import type { HistogramCounting } from '../sdk/metrics/histogram-series.js';
import { MeterWatch } from '../sdk/metrics/meter-watch.js';
import { ObservedSeries } from '../sdk/metrics/observed-series.js';
import { createAccess } from './access.js';
import { ProcessGroup } from './cluster/process-group.js';
import { Collector } from './collector.js';
import { createEndpointHandler, createMetricsHandler } from './handler.js';
import { mountHandler } from './mounted-handler.js';
import { ScrapedReader } from './scraped-reader.js';
import type { metricsSettings } from './settings.js';

export type MetricsSettings = SettingsOf<typeof metricsSettings>;

export { MeterWatch };

export interface MetricsEndpoint {
  /** A metric reader for the SDK. */
  readonly reader: IMetricReader;
  /** Must be the first in the SDK's list of instrumentations. */
  readonly meterWatch: MeterWatch;
  /** `undefined` while the port is not known, and when it does not listen. */
  readonly url: string | undefined;
  /**
   * The place to scrape, for the start-up line: the URL, or in words the process that answers for
   * this one.
   */
  readonly place: string | undefined;
  /** Calls back when `url` is final: at once unless the port has to be found. */
  whenUrlKnown(callback: () => void): void;
  /**
   * The reader, when its last values must be sent at the end of the process: those of a worker, to
   * the primary.
   */
  readonly flushedAtExit: readonly IMetricReader[];
  /** Stops listening. */
  shutdown(): Promise<void>;
}

/**
 * Starts listening, or joins the process that does; a taken port is one error line and the app runs
 * on.
 */
export function startMetricsEndpoint(settings: MetricsSettings, counting: HistogramCounting): MetricsEndpoint {
  const reader = new ScrapedReader();
  const observed = new ObservedSeries();
  const group = new ProcessGroup(new Collector(reader, observed), settings);
  reader.reportTo = group.report;
  const access = createAccess(settings);
  mountHandler(createMetricsHandler(group, access, 'app'));
  const endpoint = settings.server ? group.open(createEndpointHandler(createMetricsHandler(group, access, 'own'))) : undefined;
  return {
    reader,
    meterWatch: new MeterWatch(counting, observed),
    get url() {
      return endpoint?.url;
    },
    get place() {
      return endpoint?.url ?? (settings.server ? group.leaderName : 'metricsHandler()');
    },
    whenUrlKnown: (callback) => (endpoint === undefined ? callback() : endpoint.whenUrlKnown(callback)),
    flushedAtExit: group.report === undefined ? [] : [reader],
    shutdown: async () => endpoint?.close(),
  };
}
