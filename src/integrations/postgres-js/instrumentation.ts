// Instruments postgres.js, which exports one function: that is wrapped to learn the servers, and
// the class of its queries is patched. The package has two copies of itself, for require and for
// import; each is observed when it is loaded.
import { InstrumentationBase, InstrumentationNodeModuleDefinition, InstrumentationNodeModuleFile } from '@opentelemetry/instrumentation';
import type { SettingsOf } from '../../config/setting.js';
import type { RootSpans } from '../../observe/caller.js';
import { reportMissing } from '../../observe/library-members.js';
import { tellLive } from '../../observe/live-state.js';
import { MethodPatches } from '../../observe/method-patches.js';
import { HeldConnections } from '../../observe/postgresql/held-connections.js';
import { createQueryInstruments, type QueryInstruments } from '../../observe/postgresql/instruments.js';
import type { PoolRegistry } from '../../observe/postgresql/pool-registry.js';
import { QueryTracer } from '../../observe/postgresql/query-tracer.js';
import type { querySettings } from '../../observe/postgresql/settings.js';
import { supportedRange } from '../../sdk/hooks/supported-versions.js';
import { DISTRO_VERSION } from '../../sdk/version.js';
import { CONNECTION_FILES, PoolConnections } from './connection-file.js';
import { poolStates } from './pool-states.js';
import { exportsOf, isPostgres, type Postgres, queryPrototype } from './postgres-internals.js';
import { patchQueries } from './query-patch.js';
import { rowsOfResult } from './result-rows.js';
import { createPools, type Server, Servers } from './servers.js';
import { type PostgresSession, PostgresSideConnector } from './side-connector.js';

export interface PostgresOptions {
  readonly settings: SettingsOf<typeof querySettings>;
  readonly serviceName: string;
  readonly dbRootSpans: RootSpans;
}

export class PostgresInstrumentation extends InstrumentationBase {
  /** Set by methods that the constructor of the base class calls, hence declared only. */
  private declare instruments: QueryInstruments;
  private declare pools: PoolRegistry<Server>;
  readonly #tracer: QueryTracer<PostgresSession>;
  readonly #connections = new PoolConnections();
  readonly #servers: Servers;
  readonly #held: HeldConnections;
  readonly #patches = new MethodPatches();

  constructor({ settings, serviceName, dbRootSpans: rootSpans }: PostgresOptions) {
    // The base class would patch what is being imported just now, before there are fields.
    super('@sietch/otel/postgres', DISTRO_VERSION, { enabled: false });
    const telemetry = {
      tracer: () => this.tracer,
      instruments: () => this.instruments,
      scopeName: this.instrumentationName,
      scopeVersion: this.instrumentationVersion,
    };
    const connector = new PostgresSideConnector();
    this.#tracer = new QueryTracer({ telemetry, settings, serviceName, rootSpans, connector, rowsOf: rowsOfResult });
    this.#servers = new Servers({ connections: this.#connections, pools: this.pools, withStacks: settings.checkoutStacks });
    this.#held = new HeldConnections(settings, () => this.#servers.reservations);
    tellLive('pools', () => poolStates(this.pools, this.#servers.reservations));
    this.enable();
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    const versions = [supportedRange('postgres')];
    const files = CONNECTION_FILES.map(
      (name) =>
        new InstrumentationNodeModuleFile(
          name,
          versions,
          (module: unknown) => this.#connections.watch(module),
          () => {},
        ),
    );
    return new InstrumentationNodeModuleDefinition(
      'postgres',
      versions,
      (module: unknown, version?: string) => this.#patch(module, version),
      () => this.#patches.undo(),
      files,
    );
  }

  /** Ends connections of our own. */
  async shutdown(): Promise<void> {
    this.#held.close();
    await this.#tracer.close();
  }

  override _updateMetricInstruments(): void {
    this.instruments = createQueryInstruments(this.meter);
    this.pools ??= createPools();
    this.pools.observe(this.meter);
  }

  #patch(module: unknown, version: string | undefined): unknown {
    const postgres = exportsOf(module);
    const missing: string[] = [];
    const prototype = isPostgres(postgres) ? queryPrototype(postgres, missing) : undefined;
    if (!isPostgres(postgres) || prototype === undefined) {
      reportMissing('postgres', version, missing.length === 0 ? ['postgres()'] : missing);
      return module;
    }
    patchQueries(this.#patches, prototype, { tracer: this.#tracer, servers: this.#servers });
    const learning = this.#learning(postgres);
    if (postgres === module) return learning;
    if (typeof module === 'object' && module !== null) Reflect.set(module, 'default', learning);
    return module;
  }

  /** The same function, whose pools are known from then on. */
  #learning(postgres: Postgres): Postgres {
    return new Proxy(postgres, {
      apply: (target, self, args) => {
        const sql = Reflect.apply(target, self, args);
        this.#servers.add(sql, postgres);
        this.#held.watch();
        return sql;
      },
    });
  }
}
