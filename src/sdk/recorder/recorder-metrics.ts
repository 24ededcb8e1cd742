// The flight recorder's metrics about itself. Read at collection; nothing is added to the path of a
// span.
import { metrics } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import type { FlightRecorder } from './flight-recorder.js';
import {
  ATTR_KEEP_REASON,
  ATTR_OUTCOME,
  ATTR_REFUSAL,
  METRIC_BYTES,
  METRIC_KEPT,
  METRIC_RECORDED,
  METRIC_REFUSED,
  METRIC_TRACES,
  METRIC_WAITING,
} from './names.js';

/** To be called when the meter provider is in place. */
export function measureRecorder({ counts, ring }: FlightRecorder): void {
  const meter = metrics.getMeter('@sietch/otel');
  const recorded = createInstrument(meter, METRIC_RECORDED);
  const traces = createInstrument(meter, METRIC_TRACES);
  const kept = createInstrument(meter, METRIC_KEPT);
  const refused = createInstrument(meter, METRIC_REFUSED);
  const bytes = createInstrument(meter, METRIC_BYTES);
  const waiting = createInstrument(meter, METRIC_WAITING);
  meter.addBatchObservableCallback(
    (result) => {
      result.observe(recorded, counts.recorded);
      result.observe(bytes, ring.bytes);
      result.observe(waiting, ring.size);
      let keptCount = 0;
      for (const [reason, count] of counts.byReason) {
        keptCount += count;
        result.observe(kept, count, { [ATTR_KEEP_REASON]: reason });
      }
      for (const [outcome, count] of Object.entries({ kept: keptCount, ...ring.losses })) {
        result.observe(traces, count, { [ATTR_OUTCOME]: outcome });
      }
      for (const [reason, causes] of counts.refusals) {
        for (const [refusal, count] of causes) result.observe(refused, count, { [ATTR_KEEP_REASON]: reason, [ATTR_REFUSAL]: refusal });
      }
    },
    [recorded, traces, kept, refused, bytes, waiting],
  );
}
