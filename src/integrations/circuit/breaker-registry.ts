// The breakers there are, by name: held weakly, under a bounded number of names.
import type { Histogram } from '@opentelemetry/api';
import { warn } from '../../diagnose/diagnostics.js';
import { OTHER } from '../../sdk/metrics/overflow.js';
import { CircuitStats } from './circuit-stats.js';
import { ObservedBreaker, type Report } from './observed-breaker.js';
import type { Breaker } from './opossum.js';

/** Breakers without a name, which opossum gives random UUIDs. */
export const UNNAMED = 'unnamed';
/** Further names are counted as `_OTHER`. */
const MAX_NAMES = 100;
const MAX_NAME_LENGTH = 100;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** All breakers that share a name. */
export interface NamedCircuit {
  readonly stats: CircuitStats;
  /** Whether the name is one that a person gave. */
  readonly isNamed: boolean;
  readonly breakers: Set<WeakRef<ObservedBreaker>>;
}

export class BreakerRegistry {
  /** Called for each new name. */
  onName: ((circuit: NamedCircuit) => void) | undefined;
  readonly #circuits = new Map<string, NamedCircuit>();
  readonly #slowCallMs: number;
  readonly #report: Report;
  #durations: Histogram | undefined;
  readonly #finalizers = new FinalizationRegistry<() => void>((forget) => forget());

  constructor(options: { slowCallMs: number; report: Report }) {
    this.#slowCallMs = options.slowCallMs;
    this.#report = options.report;
  }

  /** Gets the durations of calls, of breakers there are and will be. */
  set durations(histogram: Histogram) {
    this.#durations = histogram;
    for (const { stats } of this.#circuits.values()) stats.durations = histogram;
  }

  get circuits(): Iterable<NamedCircuit> {
    return this.#circuits.values();
  }

  observe(breaker: Breaker): ObservedBreaker {
    const circuit = this.#circuitOf(breaker.name);
    const observed = new ObservedBreaker(
      breaker,
      circuit.isNamed ? breaker.name : circuit.stats.name,
      circuit.stats,
      this.#slowCallMs,
      this.#report,
    );
    const ref = new WeakRef(observed);
    circuit.breakers.add(ref);
    this.#finalizers.register(observed, () => circuit.breakers.delete(ref));
    return observed;
  }

  #circuitOf(name: string): NamedCircuit {
    const label = this.#labelOf(String(name));
    const known = this.#circuits.get(label);
    if (known !== undefined) return known;
    const circuit = { stats: new CircuitStats(label), isNamed: label !== UNNAMED && label !== OTHER, breakers: new Set<never>() };
    circuit.stats.durations = this.#durations;
    this.#circuits.set(label, circuit);
    this.onName?.(circuit);
    return circuit;
  }

  #labelOf(name: string): string {
    if (UUID.test(name)) {
      warn('SIETCH070');
      return UNNAMED;
    }
    const label = name.slice(0, MAX_NAME_LENGTH);
    if (this.#circuits.has(label) || this.#circuits.size < MAX_NAMES) return label;
    warn('SIETCH071', `more than ${MAX_NAMES} names, further ones are shown as \`${OTHER}\``);
    return OTHER;
  }
}

/** The breakers of a circuit that are still there. */
export function* liveBreakers(circuit: NamedCircuit): Iterable<ObservedBreaker> {
  for (const ref of circuit.breakers) {
    const observed = ref.deref();
    if (observed !== undefined) yield observed;
  }
}
