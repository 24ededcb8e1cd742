// Finds every opossum breaker of the app: by an `on` of our own on CircuitBreaker.prototype, which the constructor calls.
import { InstrumentationBase, type InstrumentationConfig, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import type { BreakerRegistry } from './breaker-registry.js';
import { observeCircuits } from './circuit-metrics.js';
import { patchPrototype, unpatchPrototype } from './prototype.js';

export const SUPPORTED_VERSIONS = ['>=8.0.0 <11'];

export interface CircuitInstrumentationConfig extends InstrumentationConfig {
  registry: BreakerRegistry;
  /** Begins the metric of each named breaker. */
  metricPrefix: string;
  /** A span for each call. */
  spans: boolean;
}

export class CircuitInstrumentation extends InstrumentationBase<CircuitInstrumentationConfig> {
  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'opossum',
      SUPPORTED_VERSIONS,
      (exports: unknown) => {
        const { registry, spans } = this.getConfig();
        patchPrototype(exports, registry, spans ? () => this.tracer : undefined);
        return exports;
      },
      (exports: unknown) => unpatchPrototype(exports),
    );
  }

  // Called by the base constructor too, before this class's own fields would exist: all it needs is in the configuration.
  protected override _updateMetricInstruments(): void {
    const { registry, metricPrefix } = this.getConfig();
    observeCircuits(this.meter, registry, metricPrefix);
  }
}
