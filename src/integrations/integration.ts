// The shape of an integration: a library (or a part of Node) that we know how to observe. One
// folder, one object, one line in integrations.ts.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { EmittedName } from '../config/emitted-name.js';
import type { SettingsOf, SettingsTable } from '../config/setting.js';
import type { RootSpans } from '../observe/caller.js';

/** Passed to an integration when it starts. */
export interface IntegrationContext<T extends SettingsTable> {
  /** The integration's own settings, read and checked. */
  readonly settings: SettingsOf<T>;
  /** `service.name` of the process. */
  readonly serviceName: string;
  /** Whether log records go anywhere: `OTEL_LOGS_EXPORTER` names an exporter. */
  readonly logsOn: boolean;
  /** Which operations of databases get a span where they have no parent. */
  readonly dbRootSpans: RootSpans;
  /** Whether a library of an integration that observes several is on. */
  isOn(library: string): boolean;
}

/** The parts of an integration that has started. */
export interface StartedIntegration {
  /** Handed to the SDK, which enables them and gives them tracer and meter. */
  readonly instrumentations: readonly Instrumentation[];
  /**
   * Ends timers and connections of our own, but for those of deferred instrumentations; bounded by
   * the SDK's shutdown deadline.
   */
  shutdown?(): Promise<void>;
}

export interface Integration<T extends SettingsTable = SettingsTable> {
  /** Short name, as used in `OTEL_NODE_DISABLED_INSTRUMENTATIONS` and in the start-up line. */
  readonly name: string;
  /**
   * The section of its settings, where that is another integration's: their variables apply to
   * both.
   */
  readonly section?: string;
  /** Modules an ES module may import by name that must be hooked, e.g. `['pg', 'pg-pool']`. */
  readonly modules: readonly string[];
  /** URLs of inner files of ES modules that must be hooked; those of CommonJS are anyway. */
  readonly innerFiles?: readonly RegExp[];
  readonly settings: T;
  /** All that it emits, for the documentation and for the check of dashboards. */
  readonly emits: readonly EmittedName[];
  start(context: IntegrationContext<T>): StartedIntegration;
}

/** Gives an integration's parts one inferred type. */
export function defineIntegration<T extends SettingsTable>(integration: Integration<T>): Integration<T> {
  return integration;
}
