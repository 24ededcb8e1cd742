// Patches Bull 4 so that every queue is seen, with the spans and metrics of BullMQ's.
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { checkMembers } from '../../../observe/library-members.js';
import { MethodPatches } from '../../../observe/method-patches.js';
import { supportedRange } from '../../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../../sdk/version.js';
import { createDepthGauges } from '../depth-gauges.js';
import { JobSpans } from '../job-attributes.js';
import { currentTelemetry } from '../job-tracer.js';
import { createMarkCounter } from '../mark-counter.js';
import { SYSTEM_BULL } from '../names.js';
import { QueueMetrics } from '../queue-metrics.js';
import { QueueRegistry } from '../queue-registry.js';
import type { QueueSettings } from '../settings.js';
import { patchStoredJobs } from './bull-job-context.js';
import { type BullModule, MEMBERS } from './bull-module.js';
import { patchConsumers, patchProducers, patchStorage } from './bull-queue-patch.js';

export class BullInstrumentation extends InstrumentationBase {
  /**
   * Set by the base class's constructor through `_updateMetricInstruments`, hence declared only.
   */
  protected declare queueMetrics: QueueMetrics;
  protected declare registry: QueueRegistry;
  readonly #patches = new MethodPatches();
  readonly #settings: QueueSettings;

  constructor(settings: QueueSettings) {
    super('@sietch/otel/bull', DISTRO_VERSION, {});
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
      'bull',
      [supportedRange('bull')],
      (exports: BullModule, version?: string) => {
        const bull = exports.default ?? exports;
        if (checkMembers('bull', version, bull, MEMBERS)) this.#patch(bull);
        return exports;
      },
      () => this.#patches.undo(),
    );
  }

  override _updateMetricInstruments(): void {
    this.registry ??= new QueueRegistry();
    createMarkCounter(this.meter, this.registry.marks.counts);
    this.queueMetrics = new QueueMetrics(this.meter, SYSTEM_BULL);
    createDepthGauges(this.meter, this.registry);
  }

  #patch(bull: BullModule): void {
    const parts = {
      bull,
      telemetry: currentTelemetry(
        () => this.tracer,
        () => this.queueMetrics,
        { spans: new JobSpans(SYSTEM_BULL), mode: this.#settings.context, marks: this.registry.marks },
      ),
      registry: this.registry,
    };
    patchStoredJobs(this.#patches, bull.Job);
    patchProducers(this.#patches, parts);
    patchConsumers(this.#patches, parts);
    patchStorage(this.#patches, bull);
  }
}
