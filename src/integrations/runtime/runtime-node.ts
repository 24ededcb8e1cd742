// Upstream's instrumentation of the runtime, with the sizes of the heap's spaces as up-down
// counters, as the semantic conventions have them: they add up, over spaces and over processes.
// instrumentation-runtime-node 0.36 makes gauges of three of the four.
import type { Meter } from '@opentelemetry/api';
import { RuntimeNodeInstrumentation } from '@opentelemetry/instrumentation-runtime-node';

const HEAP = 'v8js.memory.heap.';

export class SietchRuntimeInstrumentation extends RuntimeNodeInstrumentation {
  protected override get meter(): Meter {
    return withHeapSums(super.meter);
  }
}

function withHeapSums(meter: Meter): Meter {
  const sums: Meter = Object.create(meter);
  sums.createObservableGauge = (name, options) =>
    name.startsWith(HEAP) ? meter.createObservableUpDownCounter(name, options) : meter.createObservableGauge(name, options);
  return sums;
}
