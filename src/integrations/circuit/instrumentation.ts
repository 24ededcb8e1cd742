// Finds every opossum breaker of the app: by an `on` of our own on CircuitBreaker.prototype, which
// the constructor calls.
import { InstrumentationBase, type InstrumentationConfig, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import type { SettingsOf } from '../../config/setting.js';
import { checkMembers } from '../../observe/library-members.js';
import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import type { Deferred } from '../../sdk/hooks/deferred-instrumentation.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_NAME, DISTRO_VERSION } from '../../sdk/version.js';
import { createAlertWebhook } from './alert-webhook.js';
import { BreakerRegistry } from './breaker-registry.js';
import { observeCircuits } from './circuit-metrics.js';
import { breakersNow } from './live-breakers.js';
import { patchPrototype } from './prototype.js';
import { createReport } from './report.js';
import type { circuitSettings } from './settings.js';

const SUPPORTED_VERSIONS = [supportedRange('opossum')];

/** Scope of the metrics and spans. */
const SCOPE = { name: `${DISTRO_NAME}/circuit`, version: DISTRO_VERSION };

export function createCircuitInstrumentation(settings: SettingsOf<typeof circuitSettings>, serviceName: string): Deferred {
  const { slowCallMs, metricPrefix, spans, webhookUrl } = settings;
  const alerts = webhookUrl === '' ? undefined : createAlertWebhook(webhookUrl, serviceName);
  const registry = new BreakerRegistry({ slowCallMs, report: createReport(alerts?.send) });
  tellLive('breakers', () => breakersNow(registry));
  const instrumentation = new CircuitInstrumentation(SCOPE.name, SCOPE.version, { registry, metricPrefix, spans });
  return alerts === undefined ? instrumentation : Object.assign(instrumentation, { shutdown: alerts.drain });
}

export interface CircuitInstrumentationConfig extends InstrumentationConfig {
  registry: BreakerRegistry;
  /** Begins the metric of each named breaker. */
  metricPrefix: string;
  /** A span for each call. */
  spans: boolean;
}

export class CircuitInstrumentation extends InstrumentationBase<CircuitInstrumentationConfig> {
  protected override init(): InstrumentationNodeModuleDefinition {
    const patches = new MethodPatches();
    return new InstrumentationNodeModuleDefinition(
      'opossum',
      SUPPORTED_VERSIONS,
      (exports: { readonly default?: unknown }, version?: string) => {
        checkMembers('opossum', version, exports.default ?? exports, ['prototype.fire', 'prototype.on', 'prototype.call']);
        const { registry, spans } = this.getConfig();
        patchPrototype(patches, exports, registry, spans ? () => this.tracer : undefined);
        return exports;
      },
      () => patches.undo(),
    );
  }

  // Called by the base constructor too, before this class's own fields would exist: all it needs is
  // in the configuration.
  protected override _updateMetricInstruments(): void {
    const { registry, metricPrefix } = this.getConfig();
    observeCircuits(this.meter, registry, metricPrefix);
  }
}
