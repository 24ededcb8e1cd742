// The database a client talks to, as telemetry names it.
import type { Attributes } from '@opentelemetry/api';
import { BoundInstrument } from '../../sdk/metrics/bound-instrument.js';
import { OTHER } from '../../sdk/metrics/overflow.js';
import { durationSeries, type OperationSeries } from '../operation-series.js';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_POOL_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  SYSTEM_POSTGRESQL,
} from './names.js';

/**
 * Databases with series of their own; an app with more (one for each of its tenants) has all others
 * in one series.
 */
const MAX_TARGETS = 500;
/** Where a client connects to; what is missing or empty is unknown. */
export interface ServerParameters {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
}

/**
 * The series that it gives out are the same each time, and so are their attributes: never change
 * them.
 */
export class Target {
  readonly database: string | undefined;
  /** `host:port/database`, the name semantic conventions give a pool. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Waits for a connection of the pool. */
  readonly poolWait: BoundInstrument;
  /** Times to connect. */
  readonly poolConnect: BoundInstrument;
  /** Durations of queries; `operation` is of a bounded set. */
  readonly durations: OperationSeries;

  /** @param series whose series its measurements go into; its own by default */
  constructor({ host, port, database }: ServerParameters, series?: Target) {
    this.database = database;
    this.name = `${host ?? 'unknown_host'}:${port ?? 'unknown_port'}/${database ?? 'unknown_database'}`;
    const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: SYSTEM_POSTGRESQL };
    if (database !== undefined) attributes[ATTR_DB_NAMESPACE] = database;
    if (host !== undefined) attributes[ATTR_SERVER_ADDRESS] = host;
    if (port !== undefined) attributes[ATTR_SERVER_PORT] = port;
    this.attributes = attributes;
    this.durations = series?.durations ?? durationSeries(attributes, ATTR_DB_OPERATION_NAME);
    const poolAttributes = { [ATTR_POOL_NAME]: this.name };
    this.poolWait = series?.poolWait ?? new BoundInstrument(poolAttributes);
    this.poolConnect = series?.poolConnect ?? new BoundInstrument(poolAttributes);
  }
}

const targets = new Map<string, Target>();
const others = new Target({ host: OTHER, port: undefined, database: OTHER });

export function readTarget(parameters: ServerParameters | undefined): Target {
  const host = parameters?.host || undefined;
  const port = Number.isInteger(parameters?.port) ? parameters?.port : undefined;
  const database = parameters?.database || undefined;
  const key = `${host}\0${port}\0${database}`;
  const known = targets.get(key);
  if (known !== undefined) return known;
  if (targets.size >= MAX_TARGETS) return new Target({ host, port, database }, others);
  const target = new Target({ host, port, database });
  targets.set(key, target);
  return target;
}
