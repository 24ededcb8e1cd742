// The settings of the circuit integration.
import { flag, integer, type SettingsTable, text } from '../../config/setting.js';

export const circuitSettings = {
  metricPrefix: text({
    env: 'SIETCH_OTEL_CIRCUIT_METRIC_PREFIX',
    default: 'sietch_',
    expected: 'a letter, then letters, digits and `_`, at most 60',
    accepts: (value) => /^[a-zA-Z][a-zA-Z0-9_]{0,59}$/.test(value),
    meaning: 'What the metric of each named breaker begins with: `<prefix><name>_circuit_state`.',
  }),
  slowCallMs: integer({
    env: 'SIETCH_OTEL_CIRCUIT_SLOW_CALL_MS',
    default: 1000,
    min: 1,
    unit: 'ms',
    meaning: 'A call through a breaker that takes at least this long counts in its slow-call rate.',
  }),
  spans: flag({
    env: 'SIETCH_OTEL_CIRCUIT_SPANS',
    default: false,
    meaning: 'A span for each call through a breaker. State and outcome are always on the span that is active.',
  }),
  webhookUrl: text({
    env: 'SIETCH_OTEL_CIRCUIT_WEBHOOK_URL',
    default: '',
    secret: true,
    expected: 'an http or https URL',
    accepts: isHttpUrl,
    meaning: 'Where an alert is sent (POST, JSON) when a breaker opens or closes.',
  }),
} satisfies SettingsTable;

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
