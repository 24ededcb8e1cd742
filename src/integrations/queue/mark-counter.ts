// The counter of marks, by what became of them.
import type { Meter } from '@opentelemetry/api';
import { createInstrument } from '../../config/metric.js';
import type { MarkCounts } from './mark-exchange.js';
import { ATTR_MARK_OUTCOME, METRIC_MARKS } from './names.js';

/** Makes the counter; the meter holds it. */
export function createMarkCounter(meter: Meter, counts: MarkCounts): void {
  createInstrument(meter, METRIC_MARKS).addCallback((result) => {
    for (const [outcome, marks] of Object.entries(counts)) if (marks > 0) result.observe(marks, { [ATTR_MARK_OUTCOME]: outcome });
  });
}
