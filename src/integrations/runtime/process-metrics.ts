// The metrics of the process: CPU, memory, open files, uptime. Read when they are collected.
import { opendir } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { ObservableResult } from '@opentelemetry/api';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { createInstrument } from '../../config/metric.js';
import { DISTRO_NAME, DISTRO_VERSION } from '../../sdk/version.js';
import {
  ATTR_CPU_MODE,
  METRIC_CPU_TIME,
  METRIC_CPU_UTILIZATION,
  METRIC_HEAP_LIMIT,
  METRIC_MEMORY_LIMIT,
  METRIC_MEMORY_USAGE,
  METRIC_OPEN_FILES,
  METRIC_UPTIME,
} from './names.js';

const USER = { [ATTR_CPU_MODE]: 'user' };
const SYSTEM = { [ATTR_CPU_MODE]: 'system' };
/** Several readers collect: the utilization is of an interval that is long enough for all. */
const MIN_INTERVAL_US = 1_000_000;
const MICROS = 1_000_000;
const OPEN_FILES = '/proc/self/fd';

export class ProcessMetrics extends InstrumentationBase {
  constructor() {
    super(`${DISTRO_NAME}/process`, DISTRO_VERSION, {});
  }

  protected override init(): undefined {
    return undefined;
  }

  // Called by the base constructor too, before this class's own fields would exist.
  protected override _updateMetricInstruments(): void {
    createInstrument(this.meter, METRIC_CPU_TIME).addCallback((result) => {
      const { user, system } = process.cpuUsage();
      result.observe(user / MICROS, USER);
      result.observe(system / MICROS, SYSTEM);
    });
    const utilization = new CpuUtilization();
    createInstrument(this.meter, METRIC_CPU_UTILIZATION).addCallback((result) => utilization.observe(result));
    createInstrument(this.meter, METRIC_MEMORY_USAGE).addCallback((result) => result.observe(process.memoryUsage.rss()));
    createInstrument(this.meter, METRIC_MEMORY_LIMIT).addCallback((result) => result.observe(memoryLimit()));
    createInstrument(this.meter, METRIC_HEAP_LIMIT).addCallback((result) => result.observe(getHeapStatistics().heap_size_limit));
    createInstrument(this.meter, METRIC_UPTIME).addCallback((result) => result.observe(process.uptime()));
    if (process.platform !== 'linux') return;
    const openFiles = new OpenFiles();
    createInstrument(this.meter, METRIC_OPEN_FILES).addCallback((result) => openFiles.observe(result));
  }
}

/** Read each time: Kubernetes changes the limit of a running container. 0 where none is known. */
function memoryLimit(): number {
  return Math.min(process.constrainedMemory() || Number.POSITIVE_INFINITY, totalmem());
}

class CpuUtilization {
  #last = process.cpuUsage();
  #lastAt = performance.now();
  #shares: { readonly user: number; readonly system: number } | undefined;

  observe(result: ObservableResult): void {
    const now = performance.now();
    const elapsedUs = (now - this.#lastAt) * 1_000;
    if (elapsedUs >= MIN_INTERVAL_US) {
      const used = process.cpuUsage();
      const capacity = elapsedUs * availableParallelism();
      this.#shares = { user: (used.user - this.#last.user) / capacity, system: (used.system - this.#last.system) / capacity };
      this.#last = used;
      this.#lastAt = now;
    }
    if (this.#shares === undefined) return;
    result.observe(this.#shares.user, USER);
    result.observe(this.#shares.system, SYSTEM);
  }
}

/**
 * Read without blocking, since an app with ten thousand sockets has as many files, and without
 * keeping a collection waiting: each observes what was read after the one before.
 */
class OpenFiles {
  #count: number | undefined;
  #isReading = false;

  observe(result: ObservableResult): void {
    if (this.#count !== undefined) result.observe(this.#count);
    if (!this.#isReading) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    try {
      // Without the one that lists them.
      let count = -1;
      for await (const _ of await opendir(OPEN_FILES, { bufferSize: 1_024 })) count++;
      this.#count = count;
    } catch {
      // No /proc, or no right to read it: the metric has no value.
      this.#count = undefined;
    } finally {
      this.#isReading = false;
    }
  }
}
