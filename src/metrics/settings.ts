// The settings of the Prometheus endpoint.
import { integer, type SettingsTable, text } from '../config/setting.js';

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
    meaning: 'Port of the metrics endpoint; 0 takes a free one.',
  }),
} satisfies SettingsTable;
