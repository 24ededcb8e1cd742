// The settings of the Prometheus endpoint.
import { choice, flag, integer, type SettingsTable, text } from '../config/setting.js';
import { EXEMPLAR_FILTERS } from '../sdk/metrics/exemplar.js';
import { TRANSLATIONS } from './naming.js';

export const metricsSettings = {
  host: text({
    env: 'OTEL_EXPORTER_PROMETHEUS_HOST',
    default: '127.0.0.1',
    meaning: 'Address the metrics endpoint listens on. Plain OpenTelemetry 2.x listens on all interfaces.',
  }),
  port: integer({
    env: 'OTEL_EXPORTER_PROMETHEUS_PORT',
    default: 9464,
    max: 65_535,
    meaning: 'Port of the metrics endpoint; 0 takes a free one, which the start-up line names.',
  }),
  exemplarFilter: choice({
    env: 'OTEL_METRICS_EXEMPLAR_FILTER',
    default: 'trace_based',
    of: EXEMPLAR_FILTERS,
    meaning:
      'Which measurements of histograms and counters become exemplars: `trace_based` those inside sampled spans, `always_on` all (without a trace id where there is no span), `always_off` none. They go over OTLP, in OpenMetrics and in protobuf.',
  }),
  translation: choice({
    env: 'SIETCH_OTEL_PROMETHEUS_TRANSLATION',
    default: 'underscore_escaping_with_suffixes',
    of: TRANSLATIONS,
    meaning:
      'Names of metrics and labels: `underscore_escaping_with_suffixes` like `http_route`; `no_utf8_escaping_with_suffixes` like `http.route` for scrapers that accept UTF-8 (`escaping=allow-utf-8`, Prometheus 3), escaped as the others ask.',
  }),
  server: flag({
    env: 'SIETCH_OTEL_PROMETHEUS_SERVER',
    default: true,
    meaning: 'Whether the distribution listens itself; `off` where the app mounts `metricsHandler()` in its own server.',
  }),
  portTaken: choice({
    env: 'SIETCH_OTEL_PROMETHEUS_PORT_TAKEN',
    default: 'fail',
    of: ['fail', 'next'],
    meaning: 'When the port is taken: `fail` says so in one line and runs without an endpoint, `next` tries the 20 ports after it.',
  }),
  cluster: choice({
    env: 'SIETCH_OTEL_PROMETHEUS_CLUSTER',
    default: 'auto',
    of: ['auto', 'off'],
    meaning:
      'Whether the processes of a `node:cluster`, or of an application in the cluster mode of PM2, are answered for by one, merged; `off` gives each process an endpoint of its own (see SIETCH_OTEL_PROMETHEUS_PORT_TAKEN).',
  }),
  deadlineMs: integer({
    env: 'SIETCH_OTEL_PROMETHEUS_DEADLINE_MS',
    default: 1000,
    min: 10,
    max: 60_000,
    unit: 'ms',
    meaning:
      'How long a scrape waits for asynchronous callbacks; what is late is left out. Keep it below the scrape timeout of Prometheus.',
  }),
  maxBytes: integer({
    env: 'SIETCH_OTEL_PROMETHEUS_MAX_BYTES',
    default: 16_777_216,
    min: 1024,
    unit: 'bytes',
    meaning: 'Size of an answer, before gzip, past which whole metrics are left out.',
  }),
  bearerToken: text({
    env: 'SIETCH_OTEL_PROMETHEUS_BEARER_TOKEN',
    default: '',
    secret: true,
    meaning: 'Token a scraper must send as `Authorization: Bearer …`.',
  }),
  basicAuth: text({
    env: 'SIETCH_OTEL_PROMETHEUS_BASIC_AUTH',
    default: '',
    secret: true,
    expected: '`user:password`',
    accepts: (value) => /^[^:]+:./.test(value),
    meaning: '`user:password` a scraper must send by HTTP basic authentication.',
  }),
} satisfies SettingsTable;
