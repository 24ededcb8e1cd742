// The query tracer of node-postgres: it knows the database of each client and how long its holder
// has waited for it.
import type { Context } from '@opentelemetry/api';
import type { SettingsOf } from '../../config/setting.js';
import { QueryTracer, type QueryTracerParts, type Telemetry } from '../../observe/postgresql/query-tracer.js';
import type { Target } from '../../observe/postgresql/target.js';
import { ClientSource } from './client-source.js';
import type { PgInstruments } from './instruments.js';
import type { PgRun } from './observed-query.js';
import type { PgClient } from './pg-internals.js';
import type { PoolCheckout } from './pool-checkout.js';
import { rowsOfResults } from './result-rows.js';
import type { pgSettings } from './settings.js';

export interface PgTelemetry extends Telemetry {
  instruments(): PgInstruments;
}

export interface ClientTracerParts extends Omit<QueryTracerParts<PgClient>, 'rowsOf'> {
  readonly telemetry: PgTelemetry;
  readonly settings: SettingsOf<typeof pgSettings>;
}

export class ClientTracer extends QueryTracer<PgClient> {
  readonly settings: SettingsOf<typeof pgSettings>;
  readonly telemetry: PgTelemetry;
  readonly #clients = new WeakMap<PgClient, ClientSource>();

  constructor(parts: ClientTracerParts) {
    super({ ...parts, rowsOf: rowsOfResults });
    this.settings = parts.settings;
    this.telemetry = parts.telemetry;
  }

  /** Starts the run of a query that is queued on this client. */
  startOn(source: ClientSource, text: unknown, name: unknown, context: Context, startedAt: number, bound: boolean): PgRun | undefined {
    const run = this.start(source, text, name, context, startedAt, bound);
    if (run !== undefined) this.begun(run);
    return run;
  }

  targetOf(client: PgClient): Target {
    return this.sourceOf(client).target;
  }

  /** A caller got a connection of a pool. */
  acquired(client: PgClient, checkout: PoolCheckout): ClientSource {
    const now = performance.now();
    const waitMs = now - checkout.startedAt;
    const source = this.sourceOf(client);
    checkout.heldSince = now;
    source.checkout = checkout;
    source.poolWaitMs = waitMs;
    this.waited(source.target, waitMs, checkout.context);
    return source;
  }

  /** What is known of a client. */
  sourceOf(client: PgClient): ClientSource {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    const source = new ClientSource(client);
    this.#clients.set(client, source);
    return source;
  }
}
