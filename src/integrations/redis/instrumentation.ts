// instrumentation-ioredis, extended: its package, scope and configuration, but one lean wrapper of
// our own in place of its two. Upstream's starts two spans for a command that waits for a
// connection, leaves those of rejected commands open, has no duration metric and shows Lua
// arguments (opentelemetry-js-contrib#288, #2874).

import type { Counter, Histogram } from '@opentelemetry/api';
import { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { createInstrument } from '../../config/metric.js';
import type { RootSpans } from '../../observe/caller.js';
import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import type { RedisInstruments } from '../../observe/redis/command-recorder.js';
import { METRIC_DURATION, METRIC_KEY_TRACES, METRIC_SLOW_COMMANDS } from '../../observe/redis/names.js';
import type { RedisSettings } from '../../observe/redis/settings.js';
import { CommandObserver } from './command-observer.js';
import { ConnectionObserver } from './connection-observer.js';
import { liveConnections } from './live-connections.js';
import { type IoRedisModule, type Observers, patchModule } from './module-patch.js';

const SUPPORTED_VERSIONS = ['>=4.0.0 <7'];

export class RedisInstrumentation extends IORedisInstrumentation {
  // Set by methods that the constructor of the base class calls: an initialiser would undo that.
  private declare duration: Histogram;
  private declare slowCommands: Counter;
  private declare keyTraces: Counter;
  private declare observers: Observers | undefined;
  private declare loadedEarly: { readonly moduleExports: IoRedisModule; readonly version: string | undefined }[] | undefined;

  constructor(settings: RedisSettings, rootSpans: RootSpans) {
    super();
    const instruments: RedisInstruments = {
      tracer: () => this.tracer,
      scopeName: this.instrumentationName,
      scopeVersion: this.instrumentationVersion,
      duration: () => this.duration,
      slowCommands: () => this.slowCommands,
      keyTraces: () => this.keyTraces,
    };
    const observers: Observers = {
      patches: new MethodPatches(),
      commands: new CommandObserver(instruments, settings, rootSpans),
      connections: new ConnectionObserver(instruments, rootSpans),
    };
    this.observers = observers;
    tellLive('redis', liveConnections);
    for (const { moduleExports, version } of this.loadedEarly ?? []) patchModule(moduleExports, version, observers);
  }

  /**
   * Called by the constructor of the base class, which may find modules that an app has imported
   * already.
   */
  override init(): InstrumentationNodeModuleDefinition[] {
    const patch = (moduleExports: IoRedisModule, version?: string) => {
      if (this.observers === undefined) this.loadedEarly = [...(this.loadedEarly ?? []), { moduleExports, version }];
      else patchModule(moduleExports, version, this.observers);
      return moduleExports;
    };
    return [new InstrumentationNodeModuleDefinition('ioredis', SUPPORTED_VERSIONS, patch, () => this.observers?.patches.undo())];
  }

  override _updateMetricInstruments(): void {
    this.duration = createInstrument(this.meter, METRIC_DURATION);
    this.slowCommands = createInstrument(this.meter, METRIC_SLOW_COMMANDS);
    this.keyTraces = createInstrument(this.meter, METRIC_KEY_TRACES);
  }
}
