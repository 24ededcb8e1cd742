// Patches pg-boss, with the spans and metrics of BullMQ's jobs; from 12.36 on pg-boss makes its
// own, and is told to carry the context.
import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { checkMembers } from '../../../observe/library-members.js';
import { MethodPatches } from '../../../observe/method-patches.js';
import { supportedRange } from '../../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../../sdk/version.js';
import { createDepthGauges } from '../depth-gauges.js';
import { JobSpans } from '../job-attributes.js';
import { currentTelemetry } from '../job-tracer.js';
import { KeptMarks } from '../kept-marks.js';
import { createMarkCounter } from '../mark-counter.js';
import { SYSTEM_PG_BOSS } from '../names.js';
import { QueueMetrics } from '../queue-metrics.js';
import type { QueueSettings } from '../settings.js';
import type { BossInstance } from './boss-database.js';
import { BossRegistry } from './boss-registry.js';
import { channelPlaces } from './mark-channel.js';
import { PgBossContext } from './pg-boss-context.js';
import { hasOwnTelemetry, type PgBossModule } from './pg-boss-module.js';
import { listHandlers, patchBoss, watchStarts, watchStops } from './pg-boss-patch.js';
import { withPropagation } from './propagating-boss.js';

export class PgBossInstrumentation extends InstrumentationBase {
  /**
   * Set by the base class's constructor through `_updateMetricInstruments`, hence declared only.
   */
  protected declare queueMetrics: QueueMetrics;
  protected declare registry: BossRegistry;
  protected declare marks: KeptMarks<BossInstance>;
  readonly #patches = new MethodPatches();
  readonly #settings: QueueSettings;

  constructor(settings: QueueSettings) {
    super('@sietch/otel/pg-boss', DISTRO_VERSION, {});
    this.#settings = settings;
    this.registry.start(settings.metricsIntervalMs);
  }

  /** Ends the reading of queues, and our connections. */
  async shutdown(): Promise<void> {
    await this.marks.stop();
    this.registry.stop();
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'pg-boss',
      [supportedRange('pg-boss')],
      (exports: PgBossModule, version?: string) => this.#patch(exports, version),
      () => this.#patches.undo(),
    );
  }

  override _updateMetricInstruments(): void {
    this.registry ??= new BossRegistry();
    this.marks ??= new KeptMarks(channelPlaces(), () => true);
    createMarkCounter(this.meter, this.marks.counts);
    this.queueMetrics = new QueueMetrics(this.meter, SYSTEM_PG_BOSS);
    createDepthGauges(this.meter, this.registry);
  }

  #patch(exports: PgBossModule, version: string | undefined): PgBossModule {
    const boss = exports.PgBoss ?? exports.default ?? exports;
    if (!checkMembers('pg-boss', version, boss, ['prototype.start'])) return exports;
    const { prototype } = boss;
    if (prototype === undefined) return exports;
    const parts = { patches: this.#patches, registry: this.registry, marks: this.marks };
    watchStops({ prototype }, parts);
    if (hasOwnTelemetry(version)) {
      watchStarts({ prototype }, parts);
      listHandlers(prototype, parts);
      return withPropagation(exports);
    }
    const telemetry = currentTelemetry(
      () => this.tracer,
      () => this.queueMetrics,
      { spans: new JobSpans(SYSTEM_PG_BOSS), marks: undefined, mode: this.#settings.context },
    );
    patchBoss({ prototype }, { ...parts, telemetry, carrier: new PgBossContext(this.#settings.pgBossData) });
    return exports;
  }
}
