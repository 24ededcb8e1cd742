// Measures how long a metric reader collects (otel.sdk.metric_reader.collection.duration).
import { type Attributes, type Histogram, metrics } from '@opentelemetry/api';
import { TimeoutError } from '@opentelemetry/sdk-metrics';
import { createInstrument } from '../config/metric.js';
import { ATTR_COMPONENT_NAME, ATTR_COMPONENT_TYPE, ATTR_ERROR_TYPE, METRIC_COLLECTION_DURATION } from './names.js';

export class CollectionTimer {
  readonly #attributes: Attributes;
  #durations: Histogram | undefined;
  #isClosed = false;

  /** @param type the reader's kind by the semantic conventions */
  constructor(type: string) {
    this.#attributes = { [ATTR_COMPONENT_TYPE]: type, [ATTR_COMPONENT_NAME]: `${type}/0` };
  }

  /** The meter provider is about to shut down: nothing is collected after the last collection. */
  close(): void {
    this.#isClosed = true;
  }

  /** Call it when all has been collected: what it records is in the next collection. */
  record(startedAt: number, errors: readonly unknown[]): void {
    if (this.#isClosed) return;
    this.#durations ??= createInstrument(metrics.getMeter('@sietch/otel'), METRIC_COLLECTION_DURATION);
    const [error] = errors;
    const errorType = error instanceof TimeoutError ? 'timeout' : 'error';
    this.#durations.record((performance.now() - startedAt) / 1000, {
      ...this.#attributes,
      ...(error !== undefined && { [ATTR_ERROR_TYPE]: errorType }),
    });
  }
}
