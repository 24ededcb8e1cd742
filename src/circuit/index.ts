// The circuit integration: every opossum breaker of the app, seen without code.
import { defineIntegration } from '../integration.js';
import { DISTRO_NAME, DISTRO_VERSION } from '../sdk/version.js';
import { createAlertWebhook } from './alert-webhook.js';
import { BreakerRegistry } from './breaker-registry.js';
import { CircuitInstrumentation } from './instrumentation.js';
import { circuitNames } from './names.js';
import { createReport } from './report.js';
import { circuitSettings } from './settings.js';

/** Scope of the metrics and spans. */
const SCOPE = { name: `${DISTRO_NAME}/circuit`, version: DISTRO_VERSION };

export const circuitIntegration = defineIntegration({
  name: 'circuit',
  modules: ['opossum'],
  settings: circuitSettings,
  emits: circuitNames,
  start({ settings, serviceName }) {
    const alerts = settings.webhookUrl === '' ? undefined : createAlertWebhook(settings.webhookUrl, serviceName);
    const registry = new BreakerRegistry({ slowCallMs: settings.slowCallMs, report: createReport(alerts?.send) });
    return {
      instrumentations: [
        new CircuitInstrumentation(SCOPE.name, SCOPE.version, { registry, metricPrefix: settings.metricPrefix, spans: settings.spans }),
      ],
      ...(alerts === undefined ? {} : { shutdown: alerts.drain }),
    };
  },
});
