// Metrics of the endpoint itself: failed callbacks and dropped metrics.
import { type Counter, metrics } from '@opentelemetry/api';
import { TimeoutError } from '@opentelemetry/sdk-metrics';
import { createInstrument } from '../config/metric.js';
import { warn } from '../diagnose/diagnostics.js';
import type { DropReason } from './family-groups.js';
import { ATTR_ERROR_TYPE, ATTR_REASON, METRIC_CALLBACK_FAILURES, METRIC_DROPPED } from './names.js';

const REASONS: Readonly<Record<DropReason, string>> = {
  conflict: 'another metric of the same name has another type',
  size: 'the answer would be longer than SIETCH_OTEL_PROMETHEUS_MAX_BYTES',
  format: 'the format cannot hold it (an exponential histogram in text, or a name without letters)',
};

export class SelfMetrics {
  readonly #failures: Counter;
  readonly #dropped: Counter;

  /** The SDK must have started: the metrics API has no proxy. */
  constructor() {
    const meter = metrics.getMeter('@sietch/otel');
    this.#failures = createInstrument(meter, METRIC_CALLBACK_FAILURES);
    this.#dropped = createInstrument(meter, METRIC_DROPPED);
    // rate() sees no increase in a series that starts with its first failure.
    for (const type of ['timeout', 'error']) this.#failures.add(0, { [ATTR_ERROR_TYPE]: type });
  }

  /** Does not log the error messages: they are the app's, and may hold secrets. */
  countFailures(errors: readonly unknown[]): void {
    if (errors.length === 0) return;
    const late = errors.filter((error) => error instanceof TimeoutError).length;
    const thrown = errors.length - late;
    if (late > 0) this.#failures.add(late, { [ATTR_ERROR_TYPE]: 'timeout' });
    if (thrown > 0) this.#failures.add(thrown, { [ATTR_ERROR_TYPE]: 'error' });
    warn('SIETCH021', `${late} late and ${thrown} failed`);
  }

  countDropped(reason: DropReason, name: string): void {
    this.#dropped.add(1, { [ATTR_REASON]: reason });
    warn('SIETCH022', `${name}: ${REASONS[reason]}`);
  }
}
