// The instruments that record as jobs pass. Made again whenever the SDK sets its meter provider.

import type { BatchObservableResult, Histogram, Meter, SpanContext } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import { OVERFLOW } from '../../sdk/metrics/overflow.js';
import {
  ATTR_METRIC_OUTCOME,
  ATTR_OPERATION_NAME,
  METRIC_CONSUMED,
  METRIC_JOBS,
  METRIC_OPERATION_DURATION,
  METRIC_PROCESS_DURATION,
  METRIC_SENT,
  METRIC_STALLED,
  METRIC_WAIT_DURATION,
  OPERATION_PROCESS,
} from './names.js';
import { type JobOutcome, QueueSeries, seriesOf } from './queue-series.js';

/** An app that makes up names of queues has the others counted together. */
const MAX_QUEUES = 1_000;

export class QueueMetrics {
  readonly #system: string;
  readonly #operationDuration: Histogram;
  readonly #processDuration: Histogram;
  readonly #waitDuration: Histogram;
  readonly #queues = new Map<string, QueueSeries>();
  #others: QueueSeries | undefined;

  /** @param system `messaging.system.name` */
  constructor(meter: Meter, system: string) {
    this.#system = system;
    this.#operationDuration = createInstrument(meter, METRIC_OPERATION_DURATION);
    this.#processDuration = createInstrument(meter, METRIC_PROCESS_DURATION);
    this.#waitDuration = createInstrument(meter, METRIC_WAIT_DURATION);
    const counters = createCounters(meter);
    meter.addBatchObservableCallback((result) => {
      for (const queue of this.#queues.values()) observe(result, counters, queue);
      if (this.#others !== undefined) observe(result, counters, this.#others);
    }, Object.values(counters));
  }

  /**
   * @param errorType where it failed
   * @param span for the exemplar
   */
  sent(queue: string, operation: string, count: number, seconds: number, errorType: string | undefined, span: SpanContext): void {
    const series = this.#of(queue).operation(operation, errorType);
    series.messages += count;
    series.of(this.#operationDuration).record(seconds, span);
  }

  /** An attempt has begun. */
  consumed(queue: string, waitSeconds: number | undefined, span: SpanContext): void {
    const series = this.#of(queue);
    series.operation(OPERATION_PROCESS).messages++;
    if (waitSeconds !== undefined) series.waits.of(this.#waitDuration).record(waitSeconds, span);
  }

  /** A processor has run. */
  processed(queue: string, seconds: number, errorType: string | undefined, span: SpanContext | undefined): void {
    this.#of(queue).operation(OPERATION_PROCESS, errorType).of(this.#processDuration).record(seconds, span);
  }

  ended(queue: string, outcome: JobOutcome): void {
    this.#of(queue).outcomes[outcome]++;
  }

  stalled(queue: string): void {
    this.#of(queue).stalled++;
  }

  #of(queue: string): QueueSeries {
    const known = this.#queues.get(queue);
    if (known !== undefined) return known;
    if (this.#queues.size >= MAX_QUEUES) {
      this.#others ??= new QueueSeries(this.#system, OVERFLOW);
      return this.#others;
    }
    const made = seriesOf(this.#system, queue);
    this.#queues.set(queue, made);
    return made;
  }
}

type Counters = ReturnType<typeof createCounters>;

/** Asked when somebody collects: counting a job is no more than an addition. */
function createCounters(meter: Meter) {
  return {
    sent: createInstrument(meter, METRIC_SENT),
    consumed: createInstrument(meter, METRIC_CONSUMED),
    jobs: createInstrument(meter, METRIC_JOBS),
    stalled: createInstrument(meter, METRIC_STALLED),
  };
}

function observe(result: BatchObservableResult, counters: Counters, queue: QueueSeries): void {
  for (const { attributes, messages } of queue.operations) {
    const counter = attributes[ATTR_OPERATION_NAME] === OPERATION_PROCESS ? counters.consumed : counters.sent;
    if (messages > 0) result.observe(counter, messages, attributes);
  }
  const { attributes } = queue.waits;
  for (const [outcome, jobs] of Object.entries(queue.outcomes))
    if (jobs > 0) result.observe(counters.jobs, jobs, { ...attributes, [ATTR_METRIC_OUTCOME]: outcome });
  if (queue.stalled > 0) result.observe(counters.stalled, queue.stalled, attributes);
}
