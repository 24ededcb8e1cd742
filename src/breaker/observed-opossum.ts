// Creates the opossum breaker inside a CircuitBreaker: observed by the preload, else by a registry
// of the library's own.
import { type MeterProvider, metrics } from '@opentelemetry/api';
import type Opossum from 'opossum';
import { environment } from '../config/environment.js';
import { readSettings } from '../config/read.js';
import { createAlertWebhook } from '../integrations/circuit/alert-webhook.js';
import { BreakerRegistry } from '../integrations/circuit/breaker-registry.js';
import { observeCircuits } from '../integrations/circuit/circuit-metrics.js';
import type { ObservedBreaker } from '../integrations/circuit/observed-breaker.js';
import type { Breaker } from '../integrations/circuit/opossum.js';
import { observationOf } from '../integrations/circuit/own-listeners.js';
import { isPatched, type OpossumClass, patchPrototype } from '../integrations/circuit/prototype.js';
import { createReport } from '../integrations/circuit/report.js';
import { circuitSettings } from '../integrations/circuit/settings.js';
import { missingPeer } from '../node/missing-peer.js';
import { MethodPatches } from '../observe/method-patches.js';
import { DISTRO_NAME, DISTRO_VERSION } from '../sdk/version.js';

export interface ObservedOpossum<Call, Result> {
  readonly breaker: Breaker;
  readonly observed: ObservedBreaker;
  readonly fire: (call: Call) => Promise<Result>;
}

/**
 * Makes an observed breaker.
 * @throws {Error} with code `SIETCH_CIRCUIT_NO_OPOSSUM` when opossum is not installed
 */
export function createObservedOpossum<Call, Result>(
  action: (call: Call) => Promise<Result>,
  options: Opossum.Options<[Call]>,
): ObservedOpossum<Call, Result> {
  const opossum = loadOpossum();
  const newTarget = isPatched(opossum) ? opossum : ownClass(opossum, ownRegistry());
  const breaker: Opossum<[Call], Result> = Reflect.construct(opossum, [action, options], newTarget);
  const observed = isBreaker(breaker) ? observationOf(breaker) : undefined;
  if (!isBreaker(breaker) || observed === undefined) throw new Error('Expected opossum to be of version 8 to 10');
  return { breaker, observed, fire: (call) => breaker.fire(call) };
}

/** @types/opossum leaves the options out. */
function isBreaker(breaker: object): breaker is Breaker {
  return 'options' in breaker;
}

function loadOpossum(): OpossumClass {
  try {
    return require('opossum');
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'MODULE_NOT_FOUND') throw error;
    const missing = new Error(missingPeer('CircuitBreaker', 'opossum', '8 to 10'), { cause: error });
    throw Object.assign(missing, { code: 'SIETCH_CIRCUIT_NO_OPOSSUM' });
  }
}

let own: { readonly of: OpossumClass; readonly subclass: typeof Opossum<unknown[], unknown> } | undefined;

/** A subclass, so that without the preload the app's own breakers are not observed. */
function ownClass(opossum: OpossumClass, breakers: BreakerRegistry): typeof Opossum<unknown[], unknown> {
  if (own?.of === opossum) return own.subclass;
  const subclass = class ObservedOpossum extends opossum<unknown[], unknown> {};
  patchPrototype(new MethodPatches(), subclass, breakers, undefined);
  own = { of: opossum, subclass };
  return subclass;
}

let registry: { readonly breakers: BreakerRegistry; readonly metricPrefix: string } | undefined;
let observedBy: MeterProvider | undefined;

/**
 * Without the preload: settings of the environment, metrics by the meter provider that is
 * registered when a breaker is made.
 */
function ownRegistry(): BreakerRegistry {
  registry ??= createRegistry();
  const { breakers, metricPrefix } = registry;
  const provider = metrics.getMeterProvider();
  if (provider === observedBy) return breakers;
  observedBy = provider;
  observeCircuits(provider.getMeter(`${DISTRO_NAME}/circuit`, DISTRO_VERSION), breakers, metricPrefix);
  return breakers;
}

function createRegistry() {
  const { slowCallMs, webhookUrl, metricPrefix } = readSettings(circuitSettings, environment(), undefined, []);
  const alerts = webhookUrl === '' ? undefined : createAlertWebhook(webhookUrl, environment()['OTEL_SERVICE_NAME'] ?? '');
  return { breakers: new BreakerRegistry({ slowCallMs, report: createReport(alerts?.send) }), metricPrefix };
}
