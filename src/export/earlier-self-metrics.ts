// The metrics about queues by their names of release 0.1, for `SIETCH_OTEL_COMPAT=0.1`; gone with
// the release after the next. `otel.sdk.*` says the same: `sietch.otel.made` is what was processed
// and what waits, `.sent` what was exported, `.dropped` both with an `error.type`.
import { metrics } from '@opentelemetry/api';
import { createInstrument, defineMetric } from '../config/metric.js';
import { ATTR_SIGNAL } from '../diagnose/names.js';
import type { AnyQueue } from './export-queue.js';

/** The values are the type DropCause. */
const ATTR_DROP_CAUSE = 'sietch.otel.drop.cause';
const COUNTER = { instrument: 'observable counter', unit: '{item}', attributes: [ATTR_SIGNAL] } as const;

const METRIC_MADE = defineMetric({
  ...COUNTER,
  name: 'sietch.otel.made',
  meaning: 'Sampled spans that ended and log records that were emitted.',
});
const METRIC_SENT = defineMetric({ ...COUNTER, name: 'sietch.otel.sent', meaning: 'Of them, those that the collector accepted.' });
const METRIC_DROPPED = defineMetric({
  ...COUNTER,
  name: 'sietch.otel.dropped',
  attributes: [ATTR_SIGNAL, ATTR_DROP_CAUSE],
  meaning: 'Of them, those given up.',
});

export function measureQueuesAsBefore(queues: readonly AnyQueue[]): void {
  const meter = metrics.getMeter('@sietch/otel');
  const made = createInstrument(meter, METRIC_MADE);
  const sent = createInstrument(meter, METRIC_SENT);
  const dropped = createInstrument(meter, METRIC_DROPPED);
  meter.addBatchObservableCallback(
    (result) => {
      for (const queue of queues) {
        const attributes = { [ATTR_SIGNAL]: queue.what };
        result.observe(made, queue.made, attributes);
        result.observe(sent, queue.sent, attributes);
        for (const [signal, { counts }] of [[queue.what, queue.drops] as const, ['data points', queue.pointDrops] as const]) {
          for (const [cause, count] of counts) result.observe(dropped, count, { [ATTR_SIGNAL]: signal, [ATTR_DROP_CAUSE]: cause });
        }
      }
    },
    [made, sent, dropped],
  );
}
