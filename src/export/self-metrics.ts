// The distribution's metrics about its own export queues. Read at collection; nothing is added to
// the path of a span.
import { metrics } from '@opentelemetry/api';
import { createInstrument } from '../config/metric.js';
import {
  ATTR_DROP_CAUSE,
  ATTR_SIGNAL,
  METRIC_DROPPED,
  METRIC_EXPORT_FAILURES,
  METRIC_MADE,
  METRIC_QUEUE_FILL,
  METRIC_SENT,
} from '../diagnose/names.js';
import type { AnyQueue } from './export-queue.js';

/** To be called when the meter provider is in place. */
export function measureQueues(queues: readonly AnyQueue[]): void {
  if (queues.length === 0) return;
  const meter = metrics.getMeter('@sietch/otel');
  const made = createInstrument(meter, METRIC_MADE);
  const sent = createInstrument(meter, METRIC_SENT);
  const dropped = createInstrument(meter, METRIC_DROPPED);
  const failures = createInstrument(meter, METRIC_EXPORT_FAILURES);
  const fill = createInstrument(meter, METRIC_QUEUE_FILL);
  meter.addBatchObservableCallback(
    (result) => {
      for (const queue of queues) {
        const attributes = { [ATTR_SIGNAL]: queue.what };
        result.observe(made, queue.made, attributes);
        result.observe(sent, queue.sent, attributes);
        result.observe(failures, queue.failures, attributes);
        result.observe(fill, queue.fill, attributes);
        for (const [signal, { counts }] of [[queue.what, queue.drops] as const, ['data points', queue.pointDrops] as const]) {
          for (const [cause, count] of counts) result.observe(dropped, count, { [ATTR_SIGNAL]: signal, [ATTR_DROP_CAUSE]: cause });
        }
      }
    },
    [made, sent, dropped, failures, fill],
  );
}
