// MethodPatches BullMQ 5 and 6 so that every Queue, Worker and FlowProducer is seen. A telemetry
// that the user passed to one of them wins for its spans.
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { areThreadsObserved } from '../../node/observed-threads.js';
import { checkMembers } from '../../observe/library-members.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { type BullModule, membersOf } from './bullmq-module.js';
import { createDepthGauges } from './depth-gauges.js';
import { patchFlows } from './flow-patch.js';
import { JobSpans } from './job-attributes.js';
import { currentTelemetry } from './job-tracer.js';
import { createMarkCounter } from './mark-counter.js';
import { SYSTEM } from './names.js';
import { QueueMetrics } from './queue-metrics.js';
import { patchQueues, patchWorkers } from './queue-patch.js';
import { QueueRegistry } from './queue-registry.js';
import { sandboxFiles } from './sandbox-patch.js';
import type { QueueSettings } from './settings.js';
import { patchStorage } from './storage-patch.js';

const SUPPORTED = [supportedRange('bullmq')];

export class QueueInstrumentation extends InstrumentationBase {
  /**
   * Set by the base class's constructor through `_updateMetricInstruments`, hence declared only.
   */
  protected declare queueMetrics: QueueMetrics;
  protected declare registry: QueueRegistry;
  readonly #patches = new MethodPatches();
  readonly #settings: QueueSettings;

  constructor(settings: QueueSettings) {
    super('@sietch/otel/queue', DISTRO_VERSION, {});
    this.#settings = settings;
    this.registry.start(settings.metricsIntervalMs);
  }

  /** Ends the reading of queues, and our connections. */
  async shutdown(): Promise<void> {
    await this.registry.marks.stop();
    this.registry.stop();
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'bullmq',
      SUPPORTED,
      (exports: BullModule, version?: string) => {
        checkMembers('bullmq', version, exports, membersOf(version));
        this.#patch(exports);
        return exports;
      },
      () => this.#patches.undo(),
      sandboxFiles(SUPPORTED, areThreadsObserved()),
    );
  }

  override _updateMetricInstruments(): void {
    this.registry ??= new QueueRegistry();
    createMarkCounter(this.meter, this.registry.marks.counts);
    this.queueMetrics = new QueueMetrics(this.meter, SYSTEM);
    createDepthGauges(this.meter, this.registry);
  }

  #patch(exports: BullModule): void {
    const telemetry = currentTelemetry(
      () => this.tracer,
      () => this.queueMetrics,
      { spans: new JobSpans(SYSTEM), mode: this.#settings.context, marks: this.registry.marks },
    );
    const parts = { bull: exports, telemetry, registry: this.registry };
    patchQueues(this.#patches, parts);
    patchWorkers(this.#patches, parts);
    patchFlows(this.#patches, exports, telemetry);
    patchStorage(this.#patches, exports);
  }
}
