// The processes themselves: memory, processor time, the event loop, what they hold open.
import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.ts';
import { lines, number, row } from './panels.ts';
import { highest, matching, rate, series } from './series.ts';

/** The heap is reported by space. Of several processes behind one endpoint, each has its heap, and all have the memory of one container. */
const HEAP = 'job, instance, sietch_worker';
const sum = (labels: string, name: string) => `sum by (${labels}) (${series(name)}${matching()})`;
export const HEAP_SHARE = `${sum(HEAP, 'v8js.memory.heap.used')} / ${sum(HEAP, 'sietch.process.heap.limit')}`;
export const MEMORY_SHARE = `${sum('job, instance', 'process.memory.usage')} / max by (job, instance) (${series('sietch.process.memory.limit')}${matching()})`;

export function processDashboard(): DashboardBuilder {
  return dashboard('processes', 'Sietch: processes')
    .withRow(row('Memory'))
    .withPanel(
      lines({
        title: 'Whose heap is full?',
        description: 'Heap, share of its limit. At 1 the process ends, out of memory.',
        unit: 'percentunit',
        alerts: ['SietchHeapNearLimit'],
        queries: [{ expr: HEAP_SHARE, legend: '{{job}} {{instance}} {{sietch_worker}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Who nears the limit of its container?',
        description: 'Resident memory, share of the limit. At 1 the kernel kills it.',
        unit: 'percentunit',
        alerts: ['SietchMemoryNearLimit'],
        empty: 'No limit is set',
        queries: [{ expr: MEMORY_SHARE, legend: '{{job}} {{instance}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Does memory grow?',
        description: 'Bytes: resident memory, and the heap within it. Memory that grows without the heap is outside of V8.',
        unit: 'bytes',
        queries: [
          { expr: sum('job, instance', 'process.memory.usage'), legend: '{{job}} {{instance}}' },
          { expr: sum('job, instance', 'v8js.memory.heap.used'), legend: '{{job}} {{instance}} heap' },
        ],
      }),
    )
    .withRow(row('Event loop and processor'))
    .withPanel(
      lines({
        title: 'Whose event loop is late?',
        description: 'How late timers run, 99th percentile.',
        unit: 's',
        alerts: ['SietchEventLoopDelayed'],
        queries: [{ expr: highest('nodejs.eventloop.delay.p99', ['job', 'instance']), legend: '{{job}} {{instance}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Is the event loop busy?',
        description: 'Share of time that it is not idle.',
        unit: 'percentunit',
        queries: [{ expr: highest('nodejs.eventloop.utilization', ['job', 'instance']), legend: '{{job}} {{instance}}' }],
      }),
    )
    .withPanel(
      lines({
        title: 'Who uses the processor?',
        description: 'Share of a core, of all threads: above 100 % it is more than one.',
        unit: 'percentunit',
        queries: [
          { expr: rate('process.cpu.time', ['job', 'instance', 'cpu_mode'], matching()), legend: '{{job}} {{instance}} {{cpu_mode}}' },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'What does garbage collection take?',
        description: 'Share of time by kind. It rises as the heap nears its limit.',
        unit: 'percentunit',
        queries: [
          {
            expr: `sum by (job, v8js_gc_type) (rate(${series('v8js.gc.duration')}_sum${matching()}[$__rate_interval]))`,
            legend: '{{job}} {{v8js_gc_type}}',
          },
        ],
      }),
    )
    .withPanel(
      lines({
        title: 'Do files and sockets leak?',
        description: 'Open file descriptors. A line that only rises is a leak.',
        queries: [{ expr: highest('process.unix.file_descriptor.count', ['job', 'instance']), legend: '{{job}} {{instance}}' }],
      }),
    )
    .withPanel(
      number({
        title: 'Since when do they run?',
        description: 'The youngest process of each job: a short time is a restart.',
        unit: 's',
        span: 8,
        height: 7,
        queries: [{ expr: `min by (job) (${series('process.uptime')}${matching()})`, legend: '{{job}}' }],
      }),
    );
}
