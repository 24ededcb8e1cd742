// Upstream's pg instrumentation with its patches replaced by ours: the same names and conventions, one span a query whatever its form, comments on
// the SQL, slow queries.
import { type Meter, ValueType } from '@opentelemetry/api';
import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import type { SettingsOf } from '../config/setting.js';
import { warn } from '../sdk/diagnostics.js';
import { Blockers } from './blockers.js';
import { patchClient } from './client-patch.js';
import { Explain } from './explain.js';
import { METRIC_CREATE_TIME, METRIC_OPERATION_DURATION, METRIC_SIDE_QUERIES, METRIC_SLOW_QUERY, METRIC_WAIT_TIME } from './names.js';
import { type ClientClass, exportsOf, isClientClass, isPoolClass, type PoolClass } from './pg-internals.js';
import { patchPool } from './pool-patch.js';
import { PoolRegistry } from './pool-registry.js';
import { type PgInstruments, QueryTracer } from './query-tracer.js';
import type { pgSettings } from './settings.js';
import { isSideClientClass, SideConnections } from './side-connection.js';
import { Commenter } from './sql-comment.js';

/** As semantic conventions say; the SDK's default boundaries are made for milliseconds. */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

export interface PgOptions {
  readonly settings: SettingsOf<typeof pgSettings>;
  readonly serviceName: string;
}

export class SietchPgInstrumentation extends PgInstrumentation {
  // `declare`: a field of its own would be emptied again after the base constructor, which fills it.
  private declare instruments: PgInstruments;
  private declare pools: PoolRegistry;
  readonly #tracer: QueryTracer;
  readonly #blockers: Blockers | undefined;
  readonly #sides = new SideConnections();
  /** What takes off the patch of a class; a class is met several times (main module, inner file, CommonJS and ES module). */
  readonly #patches = new Map<ClientClass | PoolClass, () => void>();

  constructor({ settings, serviceName }: PgOptions) {
    super();
    const { comment: mode, commentPosition: position, slowQueryMs: slowMs } = settings;
    const telemetry = { tracer: () => this.tracer, instruments: () => this.instruments };
    const side = { sides: this.#sides, counter: () => this.instruments.sideQueries, tracer: () => this.tracer };
    this.#blockers = settings.blockers && slowMs > 0 ? new Blockers({ ...side, slowMs }) : undefined;
    this.#tracer = new QueryTracer({
      telemetry,
      settings,
      commenter: new Commenter({ mode, position, application: serviceName }),
      explain: settings.explain && slowMs > 0 ? new Explain(side) : undefined,
      blockers: this.#blockers,
    });
  }

  /** Ends connections of our own. */
  async shutdown(): Promise<void> {
    this.#blockers?.close();
    await this.#sides.close();
  }

  override _updateMetricInstruments(): void {
    this.instruments = createInstruments(this.meter);
    this.pools ??= new PoolRegistry();
    this.pools.observe(this.meter);
  }

  /** Upstream's list of modules and versions, with our patches. Runs before anything of ours exists; the patches do not. */
  protected override init(): InstrumentationNodeModuleDefinition[] {
    const definitions = super.init();
    for (const part of definitions.flatMap((definition) => [definition, ...definition.files])) {
      part.patch = (module: unknown, version?: string) => {
        this.#patch(module, part.name, version);
        return module;
      };
      part.unpatch = (module: unknown) => this.#unpatch(module);
    }
    return definitions;
  }

  #patch(module: unknown, name: string, version: string | undefined): void {
    const found = findClass(module);
    if (found === undefined) {
      warn({
        code: 'SIETCH042',
        message: `${name} ${version ?? ''} is built in a way that is not known here: its queries are not traced`,
        remedy: 'update @sietch/otel',
      });
      return;
    }
    this.#tracer.enabled = true;
    if (this.#patches.has(found)) return;
    if (isClientClass(found) && found.Query.prototype.handleReadyForQuery !== undefined && isSideClientClass(found)) this.#sides.use(found);
    this.#patches.set(found, isClientClass(found) ? patchClient(found, this.#tracer) : patchPool(found, this.#tracer, this.pools));
  }

  #unpatch(module: unknown): void {
    // Whoever has wrapped our patch since keeps it; it does nothing then.
    this.#tracer.enabled = false;
    const found = findClass(module);
    if (found === undefined) return;
    this.#patches.get(found)?.();
    this.#patches.delete(found);
  }
}

/** The Client class of pg's main module or inner file, or the Pool class of pg-pool. */
function findClass(module: unknown): ClientClass | PoolClass | undefined {
  const exported = exportsOf(module);
  if (isClientClass(exported) || isPoolClass(exported)) return exported;
  const client: unknown = typeof exported === 'object' && exported !== null && 'Client' in exported ? exported.Client : undefined;
  return isClientClass(client) ? client : undefined;
}

function createInstruments(meter: Meter): PgInstruments {
  const seconds = { unit: 's', valueType: ValueType.DOUBLE, advice: { explicitBucketBoundaries: SECONDS } };
  return {
    duration: meter.createHistogram(METRIC_OPERATION_DURATION, { ...seconds, description: 'Duration of database client operations.' }),
    waitTime: meter.createHistogram(METRIC_WAIT_TIME, {
      ...seconds,
      description: 'The time it took to obtain an open connection from the pool.',
    }),
    createTime: meter.createHistogram(METRIC_CREATE_TIME, { ...seconds, description: 'The time it took to create a new connection.' }),
    sideQueries: meter.createCounter(METRIC_SIDE_QUERIES, {
      unit: '{query}',
      description: 'Questions on connections of the instrumentation.',
    }),
    slowQueries: meter.createCounter(METRIC_SLOW_QUERY, {
      unit: '{query}',
      description: 'Queries slower than SIETCH_OTEL_PG_SLOW_QUERY_MS.',
    }),
  };
}
