// The counters of one breaker name, for the life of the process: breakers come and go, their
// counters stay monotonic.
import type { Attributes, Histogram, Span } from '@opentelemetry/api';
import { BoundInstrument } from '../../sdk/metrics/bound-instrument.js';
import { ATTR_NAME, ATTR_OUTCOME, ATTR_STATE, LABEL_NAME, LABEL_OUTCOME, LABEL_STATE } from './names.js';
import { OUTCOMES, STATES, TIMED_OUTCOMES } from './outcome.js';

export class CircuitStats {
  /** The name, or the bucket that stands for many. */
  readonly name: string;
  /** By outcome index. */
  readonly calls: number[] = OUTCOMES.map(() => 0);
  /** By index of the state that was entered. */
  readonly transitions: number[] = STATES.map(() => 0);
  fallbacks = 0;
  fallbackFailures = 0;
  /** Gets the durations, in seconds; there is none before a meter provider is. */
  durations: Histogram | undefined;

  // The attribute sets are made once: nothing is allocated when a call ends or a reader collects.
  readonly nameAttributes: Attributes;
  readonly spanName: Attributes;
  readonly outcomeAttributes: readonly Attributes[];
  readonly transitionAttributes: readonly Attributes[];
  /** By outcome index; only of outcomes that have a duration. */
  readonly #timed: readonly BoundInstrument[];
  readonly #spanAttributes: readonly (readonly Attributes[])[];

  constructor(name: string) {
    this.name = name;
    this.nameAttributes = { [LABEL_NAME]: name };
    this.spanName = { [ATTR_NAME]: name };
    this.outcomeAttributes = OUTCOMES.map((outcome) => ({ [LABEL_NAME]: name, [LABEL_OUTCOME]: outcome }));
    this.#timed = this.outcomeAttributes.slice(0, TIMED_OUTCOMES).map((attributes) => new BoundInstrument(attributes));
    this.transitionAttributes = STATES.map((state) => ({ [LABEL_NAME]: name, [LABEL_STATE]: state }));
    this.#spanAttributes = STATES.map((state) =>
      OUTCOMES.map((outcome) => ({ [ATTR_NAME]: name, [ATTR_STATE]: state, [ATTR_OUTCOME]: outcome })),
    );
  }

  /**
   * @param ms duration; looked at only where the outcome has one
   * @param span the active span, where it records
   */
  ended(outcome: number, ms: number, span: Span | undefined): void {
    this.calls[outcome] = (this.calls[outcome] ?? 0) + 1;
    const { durations } = this;
    if (durations !== undefined) this.#timed[outcome]?.of(durations).record(ms / 1000, span?.spanContext());
  }

  transitioned(state: number): void {
    this.transitions[state] = (this.transitions[state] ?? 0) + 1;
  }

  /** The attributes that a call's end puts on the active span. */
  spanAttributes(state: number, outcome: number): Attributes {
    return this.#spanAttributes[state]?.[outcome] ?? this.spanName;
  }
}
