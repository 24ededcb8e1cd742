// The metrics of the breakers: observed when a reader collects, from flags and counters that are
// there anyway.
import type { BatchObservableResult, Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { type BreakerRegistry, liveBreakers, type NamedCircuit } from './breaker-registry.js';
import type { CircuitStats } from './circuit-stats.js';
import {
  METRIC_CALLS,
  METRIC_DURATION,
  METRIC_FAILURE_RATE,
  METRIC_FALLBACK_FAILURES,
  METRIC_FALLBACKS,
  METRIC_NAMED_STATE,
  METRIC_SLOW_CALL_RATE,
  METRIC_STATE,
  METRIC_TRANSITIONS,
  NAMED_METRIC_SUFFIX,
} from './names.js';
import { OUTCOMES, STATE_VALUES, STATES } from './outcome.js';

/** Makes the instruments on `meter` and observes what `registry` holds, now and later. */
export function observeCircuits(meter: Meter, registry: BreakerRegistry, prefix: string): void {
  const instruments = createInstruments(meter);
  meter.addBatchObservableCallback((result) => {
    for (const circuit of registry.circuits) observeCircuit(result, circuit, instruments);
  }, Object.values(instruments));
  registry.durations = createInstrument(meter, METRIC_DURATION);
  const named = new Map<string, NamedCircuit[]>();
  const addNamed = (circuit: NamedCircuit) => {
    if (circuit.isNamed) observeNamed(meter, named, namedMetric(prefix, circuit.stats.name), circuit);
  };
  for (const circuit of registry.circuits) addNamed(circuit);
  registry.onName = addNamed;
}

/**
 * `sietch_paddle_circuit_state`: the name in small letters, what is no letter or digit as `_`,
 * `paddleApi` as `paddle_api`.
 */
export function namedMetric(prefix: string, name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return `${prefix}${words.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '') || 'breaker'}${NAMED_METRIC_SUFFIX}`;
}

/**
 * One gauge for a metric name; circuits whose names come out as the same show the worst of them.
 */
function observeNamed(meter: Meter, named: Map<string, NamedCircuit[]>, metric: string, circuit: NamedCircuit): void {
  const known = named.get(metric);
  if (known !== undefined) {
    known.push(circuit);
    return;
  }
  const circuits = [circuit];
  named.set(metric, circuits);
  const gauge = createInstrument(meter, { ...METRIC_NAMED_STATE, name: metric });
  gauge.addCallback((result) => result.observe(worstState(circuits)));
}

type Instruments = ReturnType<typeof createInstruments>;

function createInstruments(meter: Meter) {
  return {
    state: createInstrument(meter, METRIC_STATE),
    calls: createInstrument(meter, METRIC_CALLS),
    transitions: createInstrument(meter, METRIC_TRANSITIONS),
    fallbacks: createInstrument(meter, METRIC_FALLBACKS),
    fallbackFailures: createInstrument(meter, METRIC_FALLBACK_FAILURES),
    failureRate: createInstrument(meter, METRIC_FAILURE_RATE),
    slowCallRate: createInstrument(meter, METRIC_SLOW_CALL_RATE),
  };
}

function observeCircuit(result: BatchObservableResult, circuit: NamedCircuit, instruments: Instruments): void {
  const { stats } = circuit;
  result.observe(instruments.state, worstState([circuit]), stats.nameAttributes);
  observeRates(result, circuit, instruments);
  observeCounters(result, stats, instruments);
}

function observeCounters(result: BatchObservableResult, stats: CircuitStats, instruments: Instruments): void {
  const { calls, transitions, fallbacks, fallbackFailures } = instruments;
  for (let index = 0; index < OUTCOMES.length; index++) result.observe(calls, stats.calls[index] ?? 0, stats.outcomeAttributes[index]);
  for (let index = 0; index < STATES.length; index++) {
    result.observe(transitions, stats.transitions[index] ?? 0, stats.transitionAttributes[index]);
  }
  result.observe(fallbacks, stats.fallbacks, stats.nameAttributes);
  result.observe(fallbackFailures, stats.fallbackFailures, stats.nameAttributes);
}

function observeRates(result: BatchObservableResult, circuit: NamedCircuit, { failureRate, slowCallRate }: Instruments): void {
  let calls = 0;
  let failures = 0;
  let slow = 0;
  for (const observed of liveBreakers(circuit)) {
    const window = observed.window;
    calls += window.calls;
    failures += window.failures;
    slow += window.slow;
  }
  result.observe(failureRate, calls === 0 ? 0 : failures / calls, circuit.stats.nameAttributes);
  result.observe(slowCallRate, calls === 0 ? 0 : slow / calls, circuit.stats.nameAttributes);
}

/** NaN when none is left: a reader would otherwise show the last value for ever. */
function worstState(circuits: readonly NamedCircuit[]): number {
  let worst = -1;
  for (const circuit of circuits) {
    for (const observed of liveBreakers(circuit)) worst = Math.max(worst, observed.states.current ?? -1);
  }
  return STATE_VALUES[worst] ?? Number.NaN;
}
