// The metric series of one queue. Looked up by the queue's name alone; the SDK would look each
// count up by all its attributes.
import type { Attributes } from '@opentelemetry/api';
import { OperationSeries } from '../../observe/operation-series.js';
import { BoundInstrument } from '../../sdk/metrics/bound-instrument.js';
import { ATTR_DESTINATION, ATTR_OPERATION_NAME, ATTR_SYSTEM } from './names.js';

/** How an attempt ended. */
export type JobOutcome = 'completed' | 'retried' | 'dead';

/** One operation, where it failed by type of error. */
export class MessageSeries extends BoundInstrument {
  /** Sent or consumed. */
  messages = 0;
}

export class QueueSeries {
  readonly waits: BoundInstrument;
  /** Ended attempts. */
  readonly outcomes: Record<JobOutcome, number> = { completed: 0, retried: 0, dead: 0 };
  stalled = 0;
  readonly operations: OperationSeries<MessageSeries>;

  /** @param system `messaging.system.name` */
  constructor(system: string, attributes: Attributes) {
    this.waits = new BoundInstrument(attributes);
    const client = { [ATTR_SYSTEM]: system, ...attributes };
    this.operations = new OperationSeries(client, ATTR_OPERATION_NAME, (each) => new MessageSeries(each));
  }

  /** @param errorType where it failed */
  operation(name: string, errorType?: string): MessageSeries {
    return errorType === undefined ? this.operations.succeeded(name) : this.operations.failed(name, errorType);
  }
}

export function seriesOf(system: string, queue: string): QueueSeries {
  return new QueueSeries(system, { [ATTR_DESTINATION]: queue });
}
