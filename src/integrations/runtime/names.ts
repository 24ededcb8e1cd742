// Every name that the runtime integration emits. They are those of the semantic conventions;
// upstream's instrumentation (runtime-node.ts) writes those of Node.js and V8, process-metrics.ts those of the
// process. https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/, …/v8js-metrics/ and
// https://opentelemetry.io/docs/specs/semconv/system/process-metrics/
import type { EmittedName } from '../../config/emitted-name.js';
import { defineMetric } from '../../config/metric.js';

const ATTR_EVENT_LOOP_STATE = 'nodejs.eventloop.state';
const ATTR_GC_TYPE = 'v8js.gc.type';
const ATTR_HEAP_SPACE = 'v8js.heap.space.name';
const ATTR_RESOURCE_TYPE = 'v8js.resource.type';

const gauge = (name: string, unit: string, meaning: string, attributes: readonly string[] = []): EmittedName => ({
  type: 'metric',
  name,
  instrument: 'observable gauge',
  unit,
  attributes,
  meaning,
});

const heapSize = (name: string, meaning: string): EmittedName => ({
  type: 'metric',
  name,
  instrument: 'observable up-down counter',
  unit: 'By',
  attributes: [ATTR_HEAP_SPACE],
  meaning,
});

export const ATTR_CPU_MODE = 'cpu.mode';

export const METRIC_CPU_TIME = defineMetric({
  name: 'process.cpu.time',
  instrument: 'observable counter',
  unit: 's',
  attributes: [ATTR_CPU_MODE],
  meaning: 'CPU time of all threads of the process.',
});

export const METRIC_CPU_UTILIZATION = defineMetric({
  name: 'process.cpu.utilization',
  instrument: 'observable gauge',
  unit: '1',
  attributes: [ATTR_CPU_MODE],
  meaning: 'Share of the CPUs available to the process that it used since a collection at least a second before.',
});

export const METRIC_MEMORY_USAGE = defineMetric({
  name: 'process.memory.usage',
  instrument: 'observable up-down counter',
  unit: 'By',
  attributes: [],
  meaning: 'Physical memory of the process (resident set size).',
});

export const METRIC_MEMORY_LIMIT = defineMetric({
  name: 'sietch.process.memory.limit',
  instrument: 'observable gauge',
  unit: 'By',
  attributes: [],
  meaning: 'Memory that the process may use: the limit of its container (cgroup), else the memory of the machine.',
});

export const METRIC_HEAP_LIMIT = defineMetric({
  name: 'sietch.process.heap.limit',
  instrument: 'observable gauge',
  unit: 'By',
  attributes: [],
  meaning: 'Size that the heap of V8 may grow to (`--max-old-space-size`): past it the process ends, out of memory.',
});

export const METRIC_OPEN_FILES = defineMetric({
  name: 'process.unix.file_descriptor.count',
  instrument: 'observable up-down counter',
  unit: '{file_descriptor}',
  attributes: [],
  meaning: 'Open files and sockets of the process, read after the collection before; on Linux only.',
});

export const METRIC_UPTIME = defineMetric({
  name: 'process.uptime',
  instrument: 'observable gauge',
  unit: 's',
  attributes: [],
  meaning: 'Time since the process started.',
});

export const processMetrics = [
  METRIC_CPU_TIME,
  METRIC_CPU_UTILIZATION,
  METRIC_MEMORY_USAGE,
  METRIC_MEMORY_LIMIT,
  METRIC_HEAP_LIMIT,
  METRIC_OPEN_FILES,
  METRIC_UPTIME,
] as const;

export const runtimeNames: readonly EmittedName[] = [
  gauge('nodejs.eventloop.utilization', '1', 'Share of the time since the last collection in which the event loop was busy.'),
  {
    type: 'metric',
    name: 'nodejs.eventloop.time',
    instrument: 'observable counter',
    unit: 's',
    attributes: [ATTR_EVENT_LOOP_STATE],
    meaning: 'Time the event loop was busy, and idle.',
  },
  gauge('nodejs.eventloop.delay.min', 's', 'Shortest delay of the event loop since the last collection.'),
  gauge('nodejs.eventloop.delay.max', 's', 'Longest delay.'),
  gauge('nodejs.eventloop.delay.mean', 's', 'Mean delay.'),
  gauge('nodejs.eventloop.delay.stddev', 's', 'Standard deviation of the delay.'),
  gauge('nodejs.eventloop.delay.p50', 's', 'Median delay.'),
  gauge('nodejs.eventloop.delay.p90', 's', '90th percentile of the delay.'),
  gauge('nodejs.eventloop.delay.p99', 's', '99th percentile of the delay.'),
  {
    type: 'metric',
    name: 'v8js.gc.duration',
    instrument: 'histogram',
    unit: 's',
    attributes: [ATTR_GC_TYPE],
    meaning: 'Time of garbage collections.',
  },
  heapSize('v8js.memory.heap.space.size', 'Memory set aside for a space of the heap.'),
  heapSize('v8js.memory.heap.used', 'Memory in use in a space of the heap.'),
  heapSize('v8js.memory.heap.space.available_size', 'Memory still free in a space of the heap.'),
  heapSize('v8js.memory.heap.space.physical_size', 'Memory of a space of the heap that the system has given.'),
  gauge('v8js.resource.active', '{resource}', 'Things that keep the process alive: sockets, servers, timers.', [ATTR_RESOURCE_TYPE]),
  ...processMetrics,
  { type: 'attribute', name: ATTR_CPU_MODE, meaning: '`user` or `system`.' },
  { type: 'attribute', name: ATTR_EVENT_LOOP_STATE, meaning: '`active` or `idle`.' },
  { type: 'attribute', name: ATTR_GC_TYPE, meaning: '`major`, `minor`, `incremental` or `weakcb`.' },
  { type: 'attribute', name: ATTR_HEAP_SPACE, meaning: 'Space of the heap: `new_space`, `old_space` …' },
  { type: 'attribute', name: ATTR_RESOURCE_TYPE, meaning: 'Kind of the resource: `TCPSocketWrap`, `Timeout` …' },
];
