// Upstream's pg instrumentation with its patches replaced by ours: the same names and conventions,
// one span a query whatever its form, comments on the SQL, slow queries.
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import type { SettingsOf } from '../../config/setting.js';
import type { RootSpans } from '../../observe/caller.js';
import { checkMembers } from '../../observe/library-members.js';
import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { HeldConnections } from '../../observe/postgresql/held-connections.js';
import { patchClient } from './client-patch.js';
import { ClientTracer } from './client-tracer.js';
import { heldClients } from './held-clients.js';
import { createInstruments, type PgInstruments } from './instruments.js';
import { type ClientClass, exportsOf, isClientClass, isPoolClass, membersOf, type PoolClass } from './pg-internals.js';
import { patchPool } from './pool-patch.js';
import { poolStates } from './pool-states.js';
import { Pools } from './pools.js';
import type { pgSettings } from './settings.js';
import { isSideClientClass, PgSideConnector } from './side-connector.js';

export interface PgOptions {
  readonly settings: SettingsOf<typeof pgSettings>;
  readonly serviceName: string;
  readonly dbRootSpans: RootSpans;
}

interface EarlyModule {
  readonly module: unknown;
  readonly name: string;
  readonly version: string | undefined;
}

export class SietchPgInstrumentation extends PgInstrumentation {
  // `declare`: a field of its own would be emptied again after the base constructor, which fills
  // it.
  private declare instruments: PgInstruments;
  private declare pools: Pools;
  /** Modules that the app had imported before us, until they can be patched. */
  private declare early: EarlyModule[] | undefined;
  readonly #tracer: ClientTracer;
  readonly #connector = new PgSideConnector();
  readonly #held: HeldConnections;
  readonly #patches = new MethodPatches();

  constructor({ settings, serviceName, dbRootSpans: rootSpans }: PgOptions) {
    super();
    const telemetry = {
      tracer: () => this.tracer,
      instruments: () => this.instruments,
      scopeName: this.instrumentationName,
      scopeVersion: this.instrumentationVersion,
    };
    this.#tracer = new ClientTracer({ telemetry, settings, serviceName, rootSpans, connector: this.#connector });
    this.#held = new HeldConnections(settings, () => heldClients(this.pools, this.#tracer));
    for (const { module, name, version } of this.early ?? []) this.#patch(module, name, version);
    this.early = undefined;
    tellLive('pools', () => poolStates(this.pools, this.#tracer));
  }

  /** Ends connections of our own. */
  async shutdown(): Promise<void> {
    this.#held.close();
    await this.#tracer.close();
  }

  override _updateMetricInstruments(): void {
    this.instruments = createInstruments(this.meter);
    this.pools ??= new Pools();
    this.pools.observe(this.meter);
  }

  /**
   * Upstream's list of modules and versions, with our patches. Runs before anything of ours exists;
   * the patches do not.
   */
  protected override init(): InstrumentationNodeModuleDefinition[] {
    const definitions = super.init();
    this.early = [];
    for (const part of definitions.flatMap((definition) => [definition, ...definition.files])) {
      part.patch = (module: unknown, version?: string) => {
        if (this.early === undefined) this.#patch(module, part.name, version);
        else this.early.push({ module, name: part.name, version });
        return module;
      };
      part.unpatch = () => this.#patches.undo();
    }
    return definitions;
  }

  #patch(module: unknown, name: string, version: string | undefined): void {
    const found = findClass(module);
    if (found === undefined) {
      checkMembers(name, version, exportsOf(module), membersOf(name));
      return;
    }
    if (isClientClass(found) && found.Query.prototype.handleReadyForQuery !== undefined && isSideClientClass(found))
      this.#connector.use(found);
    if (isClientClass(found)) patchClient(this.#patches, found, this.#tracer);
    else {
      patchPool(this.#patches, found, this.#tracer, this.pools);
      this.#held.watch();
    }
  }
}

/** The Client class of pg's main module or inner file, or the Pool class of pg-pool. */
function findClass(module: unknown): ClientClass | PoolClass | undefined {
  const exported = exportsOf(module);
  if (isClientClass(exported) || isPoolClass(exported)) return exported;
  const client: unknown = typeof exported === 'object' && exported !== null && 'Client' in exported ? exported.Client : undefined;
  return isClientClass(client) ? client : undefined;
}
