// What is counted for one breaker name, for the life of the process: breakers come and go, their counters stay monotonic.
import type { Attributes, Span } from '@opentelemetry/api';
import { DurationHistogram } from './duration-histogram.js';
import { ATTR_NAME, ATTR_OUTCOME, ATTR_STATE, LABEL_NAME, LABEL_OUTCOME, LABEL_TO } from './names.js';
import { OUTCOMES, STATES, TIMED_OUTCOMES } from './outcome.js';

/** Takes seconds, as a histogram of the metrics API does. */
export type RecordDuration = (seconds: number, attributes: Attributes | undefined) => void;

export class CircuitStats {
  /** The name, or the bucket that stands for many. */
  readonly name: string;
  /** By outcome index. */
  readonly calls: number[] = OUTCOMES.map(() => 0);
  /** By index of the state that was entered. */
  readonly transitions: number[] = STATES.map(() => 0);
  fallbacks = 0;
  fallbackFailures = 0;
  /** Gets each duration too, where no reader collects `durations`. */
  onDuration: RecordDuration | undefined;
  /** By outcome index; only of outcomes that have a duration. */
  readonly durations: readonly DurationHistogram[] = Array.from({ length: TIMED_OUTCOMES }, () => new DurationHistogram());

  // The attribute sets are made once: nothing is allocated when a call ends or a reader collects.
  readonly nameAttributes: Attributes;
  readonly spanName: Attributes;
  readonly outcomeAttributes: readonly Attributes[];
  readonly transitionAttributes: readonly Attributes[];
  readonly #spanAttributes: readonly (readonly Attributes[])[];

  constructor(name: string) {
    this.name = name;
    this.nameAttributes = { [LABEL_NAME]: name };
    this.spanName = { [ATTR_NAME]: name };
    this.outcomeAttributes = OUTCOMES.map((outcome) => ({ [LABEL_NAME]: name, [LABEL_OUTCOME]: outcome }));
    this.transitionAttributes = STATES.map((state) => ({ [LABEL_NAME]: name, [LABEL_TO]: state }));
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
    const histogram = this.durations[outcome];
    if (histogram === undefined) return;
    histogram.record(ms, span);
    this.onDuration?.(ms / 1000, this.outcomeAttributes[outcome]);
  }

  transitioned(state: number): void {
    this.transitions[state] = (this.transitions[state] ?? 0) + 1;
  }

  /** What a call's end puts on the active span. */
  spanAttributes(state: number, outcome: number): Attributes {
    return this.#spanAttributes[state]?.[outcome] ?? this.spanName;
  }
}
