// Every name that the runtime integration emits: those of @opentelemetry/instrumentation-runtime-node, by the semantic conventions for Node.js and V8.
import type { EmittedMetric, EmittedName } from '../config/emitted-name.js';

const ATTR_GC_TYPE = 'v8js.gc.type';
const ATTR_HEAP_SPACE = 'v8js.heap.space.name';
const ATTR_EVENTLOOP_STATE = 'nodejs.eventloop.state';
const ATTR_RESOURCE_TYPE = 'v8js.resource.type';

const gauge = (name: string, unit: string, meaning: string, attributes: readonly string[] = []): EmittedMetric => ({
  type: 'metric',
  name,
  instrument: 'observable gauge',
  unit,
  attributes,
  meaning,
});

export const runtimeNames: readonly EmittedName[] = [
  gauge('nodejs.eventloop.utilization', '1', 'Share of time that the event loop was not idle.'),
  {
    type: 'metric',
    name: 'nodejs.eventloop.time',
    instrument: 'observable counter',
    unit: 's',
    attributes: [ATTR_EVENTLOOP_STATE],
    meaning: 'Time that the event loop was active or idle.',
  },
  ...['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'].map((what) =>
    gauge(`nodejs.eventloop.delay.${what}`, 's', `How late timers ran: ${what} since the last reading.`),
  ),
  {
    type: 'metric',
    name: 'v8js.gc.duration',
    instrument: 'histogram',
    unit: 's',
    attributes: [ATTR_GC_TYPE],
    meaning: 'Time of garbage collections by type.',
  },
  { ...gauge('v8js.memory.heap.space.size', 'By', 'Size of a heap space.', [ATTR_HEAP_SPACE]), instrument: 'up-down counter' },
  gauge('v8js.memory.heap.used', 'By', 'Heap in use.', [ATTR_HEAP_SPACE]),
  gauge('v8js.memory.heap.space.available_size', 'By', 'Heap still free in a space.', [ATTR_HEAP_SPACE]),
  gauge('v8js.memory.heap.space.physical_size', 'By', 'Memory that the system committed to a heap space.', [ATTR_HEAP_SPACE]),
  gauge('v8js.resource.active', '{resource}', 'Resources that keep the event loop alive.', [ATTR_RESOURCE_TYPE]),
];
