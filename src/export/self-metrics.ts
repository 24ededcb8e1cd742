// The distribution's metrics about its own queues: read when asked for, nothing on the way of a span.
import { metrics } from '@opentelemetry/api';
import {
  ATTR_DROP_CAUSE,
  ATTR_SIGNAL,
  METRIC_DROPPED,
  METRIC_EXPORT_FAILURES,
  METRIC_MADE,
  METRIC_QUEUE_FILL,
  METRIC_SENT,
  sdkNames,
} from '../diagnose/names.js';
import type { AnyQueue } from './export-queue.js';

/** To be called when the meter provider is in place. */
export function measureQueues(queues: readonly AnyQueue[]): void {
  if (queues.length === 0) return;
  const meter = metrics.getMeter('@sietch/otel');
  const counter = (name: string) => meter.createObservableCounter(name, describe(name));
  const made = counter(METRIC_MADE);
  const sent = counter(METRIC_SENT);
  const dropped = counter(METRIC_DROPPED);
  const failures = counter(METRIC_EXPORT_FAILURES);
  const fill = meter.createObservableGauge(METRIC_QUEUE_FILL, describe(METRIC_QUEUE_FILL));
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

function describe(name: string): { description: string; unit: string } {
  const declared = sdkNames.find((each) => each.name === name);
  return { description: declared?.meaning ?? '', unit: declared?.type === 'metric' ? declared.unit : '' };
}
