// The database a client talks to, as telemetry names it.
import type { Attributes } from '@opentelemetry/api';
import { BoundedCache } from './bounded-cache.js';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_POOL_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  SYSTEM_POSTGRESQL,
} from './names.js';
import type { ConnectionParameters } from './pg-internals.js';

export class Target {
  readonly database: string | undefined;
  /** `host:port/database`, the name semantic conventions give a pool. */
  readonly name: string;
  /** The same object each time: never change it. */
  readonly attributes: Attributes;
  readonly poolAttributes: Attributes;
  readonly #byOperation = new Map<string, Attributes>();

  constructor({ host, port, database }: ConnectionParameters) {
    this.database = database || undefined;
    this.name = `${host ?? 'unknown_host'}:${port ?? 'unknown_port'}/${database ?? 'unknown_database'}`;
    const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: SYSTEM_POSTGRESQL };
    if (database) attributes[ATTR_DB_NAMESPACE] = database;
    if (host) attributes[ATTR_SERVER_ADDRESS] = host;
    if (Number.isInteger(port)) attributes[ATTR_SERVER_PORT] = port;
    this.attributes = attributes;
    this.poolAttributes = { [ATTR_POOL_NAME]: this.name };
  }

  /** Attributes of metrics; `operation` is of a bounded set. The same object each time: never change it. */
  operationAttributes(operation: string): Attributes {
    const known = this.#byOperation.get(operation);
    if (known !== undefined) return known;
    const attributes = { ...this.attributes, [ATTR_DB_OPERATION_NAME]: operation };
    this.#byOperation.set(operation, attributes);
    return attributes;
  }
}

const targets = new BoundedCache<string, Target>(100);

export function readTarget(parameters: ConnectionParameters | undefined): Target {
  const { host, port, database } = parameters ?? {};
  const key = `${host}\0${port}\0${database}`;
  const known = targets.get(key);
  if (known !== undefined) return known;
  const target = new Target({ host, port, database });
  targets.set(key, target);
  return target;
}
