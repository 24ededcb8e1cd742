// The database a client talks to, as telemetry names it.
import type { Attributes } from '@opentelemetry/api';
import { KeptSeries } from '../../sdk/metrics/bound-instrument.js';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_POOL_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  SYSTEM_POSTGRESQL,
} from './names.js';
import type { ConnectionParameters } from './pg-internals.js';

/** Databases that metrics tell apart; an app with more (one for each of its tenants) has all others in one series. */
const MAX_TARGETS = 500;
/** Pairs of operation and error type that metrics tell apart: an app can make up types, by RAISE. */
const MAX_FAILURES = 300;
const OTHER = 'other';

/** The series that it gives out are the same each time, and so are their attributes: never change them. */
export class Target {
  readonly database: string | undefined;
  /** `host:port/database`, the name semantic conventions give a pool. */
  readonly name: string;
  readonly attributes: Attributes;
  /** Of waits for a connection of the pool. */
  readonly poolWait: KeptSeries;
  /** Of times to connect. */
  readonly poolConnect: KeptSeries;
  readonly #byOperation = new Map<string, KeptSeries>();
  readonly #byFailure = new Map<string, KeptSeries>();
  /** Whose series its measurements go into; itself by default. */
  readonly #series: Target;

  constructor({ host, port, database }: ConnectionParameters, series?: Target) {
    this.database = database;
    this.name = `${host ?? 'unknown_host'}:${port ?? 'unknown_port'}/${database ?? 'unknown_database'}`;
    const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: SYSTEM_POSTGRESQL };
    if (database !== undefined) attributes[ATTR_DB_NAMESPACE] = database;
    if (host !== undefined) attributes[ATTR_SERVER_ADDRESS] = host;
    if (port !== undefined) attributes[ATTR_SERVER_PORT] = port;
    this.attributes = attributes;
    this.#series = series ?? this;
    const poolAttributes = { [ATTR_POOL_NAME]: this.name };
    this.poolWait = series?.poolWait ?? new KeptSeries(poolAttributes);
    this.poolConnect = series?.poolConnect ?? new KeptSeries(poolAttributes);
  }

  /** Of the durations of an operation; `operation` is of a bounded set. */
  durations(operation: string): KeptSeries {
    if (this.#series !== this) return this.#series.durations(operation);
    const known = this.#byOperation.get(operation);
    if (known !== undefined) return known;
    const series = new KeptSeries({ ...this.attributes, [ATTR_DB_OPERATION_NAME]: operation });
    this.#byOperation.set(operation, series);
    return series;
  }

  /** The same where it failed. */
  failureDurations(operation: string, errorType: string): KeptSeries {
    if (this.#series !== this) return this.#series.failureDurations(operation, errorType);
    const known = this.#byFailure.get(`${operation} ${errorType}`);
    if (known !== undefined) return known;
    const type = this.#byFailure.size < MAX_FAILURES ? errorType : OTHER;
    const { attributes } = this.durations(operation);
    const series = this.#byFailure.get(`${operation} ${type}`) ?? new KeptSeries({ ...attributes, [ATTR_ERROR_TYPE]: type });
    this.#byFailure.set(`${operation} ${type}`, series);
    return series;
  }
}

const targets = new Map<string, Target>();
const others = new Target({ host: OTHER, port: undefined, database: OTHER });

export function readTarget(parameters: ConnectionParameters | undefined): Target {
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
