// instrumentation-ioredis, extended: its package, scope and configuration, but one lean wrapper of our own in place of its two. Upstream's
// starts two spans for a command that waits for a connection, leaves those of rejected commands open, has no duration metric and shows Lua
// arguments (opentelemetry-js-contrib#288, #2874).
import { type Histogram, ValueType } from '@opentelemetry/api';
import { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { CommandObserver } from './command-observer.js';
import { patchModule, unpatchModule } from './module-patch.js';
import { METRIC_DURATION } from './names.js';
import type { RedisSettings } from './settings.js';

/** https://opentelemetry.io/docs/specs/semconv/db/database-metrics/#metric-dbclientoperationduration */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
const SUPPORTED_VERSIONS = ['>=4.0.0 <7'];

export class RedisInstrumentation extends IORedisInstrumentation {
  // Set by methods that the base class' constructor calls: an initialiser would undo that.
  private declare duration: Histogram;
  private declare observer: CommandObserver | undefined;

  constructor(settings: RedisSettings) {
    super({ requireParentSpan: settings.requireParent });
    const instrumentation = this;
    this.observer = new CommandObserver(
      {
        get tracer() {
          return instrumentation.tracer;
        },
        get duration() {
          return instrumentation.duration;
        },
      },
      settings,
    );
  }

  override init(): InstrumentationNodeModuleDefinition[] {
    return [
      new InstrumentationNodeModuleDefinition(
        'ioredis',
        SUPPORTED_VERSIONS,
        (moduleExports: unknown) => {
          if (this.observer !== undefined) patchModule(moduleExports, this.observer);
          return moduleExports;
        },
        (moduleExports: unknown) => unpatchModule(moduleExports),
      ),
    ];
  }

  override _updateMetricInstruments(): void {
    this.duration = this.meter.createHistogram(METRIC_DURATION, {
      description: 'Duration of database client operations.',
      unit: 's',
      valueType: ValueType.DOUBLE,
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    });
  }
}
