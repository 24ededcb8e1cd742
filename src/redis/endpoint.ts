// The server and database behind a client, and the attribute objects of its metrics: made once, not for each command.
import { type Attributes, SpanKind, type SpanOptions } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_QUERY_TEXT,
  ATTR_DB_SYSTEM_NAME,
  ATTR_ERROR_TYPE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { constantAttributes } from '../tracing/constant-attributes.js';
import { ENDPOINT, type RedisClient, setHidden } from './client.js';
import { DB_SYSTEM_REDIS } from './names.js';

/** Of one client: its commands, by the patterns of their keys. */
const MAX_SPAN_OPTIONS = 300;

export class Endpoint {
  readonly database: number;
  readonly namespace: string;
  /** Host name, or path of a socket; undefined until a cluster client has chosen a node or a Sentinel has named the server. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Used for more than one command. Through Sentinel it is not: there the address is known once connected, and another one after a failover. */
  readonly isKept: boolean;
  readonly #base: Attributes;
  readonly #byOperation = new Map<string, Attributes>();
  /** By operation and statement. */
  readonly #spanOptions = new Map<string, Map<string | undefined, SpanOptions>>();
  #keptOptions = 0;

  constructor(client: RedisClient, database: number) {
    this.database = database;
    this.namespace = String(database);
    const { options, stream } = client;
    const throughSentinel = Array.isArray(options.sentinels) && options.sentinels.length > 0;
    this.isKept = !Array.isArray(options.sentinels);
    if (client.isCluster === true) {
      this.address = undefined;
      this.port = undefined;
    } else if (typeof options.path === 'string' && options.path !== '') {
      this.address = options.path;
      this.port = undefined;
    } else if (throughSentinel) {
      this.address = stream?.remoteAddress;
      this.port = stream?.remotePort;
    } else {
      this.address = options.host ?? 'localhost';
      this.port = options.port ?? 6379;
    }
    this.#base = { [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_REDIS, [ATTR_DB_NAMESPACE]: this.namespace };
    if (this.address !== undefined) this.#base[ATTR_SERVER_ADDRESS] = this.address;
    if (this.port !== undefined) this.#base[ATTR_SERVER_PORT] = this.port;
  }

  /** Attributes of the duration of a command that succeeded; the same object each time. */
  attributesOf(operation: string): Attributes {
    let attributes = this.#byOperation.get(operation);
    if (attributes === undefined) {
      attributes = { ...this.#base, [ATTR_DB_OPERATION_NAME]: operation };
      this.#byOperation.set(operation, attributes);
    }
    return attributes;
  }

  /** What a command's span is started with; the same object each time, while there are not too many of them. */
  spanOptionsOf(operation: string, statement: string | undefined): SpanOptions {
    const ofOperation = this.#spanOptions.get(operation);
    const known = ofOperation?.get(statement);
    if (known !== undefined) return known;
    const attributes: Attributes = { ...this.attributesOf(operation) };
    if (statement !== undefined) attributes[ATTR_DB_QUERY_TEXT] = statement;
    const options = { kind: SpanKind.CLIENT, attributes };
    if (!this.isKept || this.#keptOptions >= MAX_SPAN_OPTIONS) return options;
    this.#keptOptions++;
    constantAttributes(attributes);
    if (ofOperation === undefined) this.#spanOptions.set(operation, new Map([[statement, options]]));
    else ofOperation.set(statement, options);
    return options;
  }

  attributesOfFailure(operation: string, errorType: string): Attributes {
    return { ...this.attributesOf(operation), [ATTR_ERROR_TYPE]: errorType };
  }
}

/** The endpoint of `client` now: another one after SELECT. */
export function endpointOf(client: RedisClient): Endpoint {
  const database = client.condition?.select ?? client.options.db ?? 0;
  const known = client[ENDPOINT];
  if (known !== undefined && known.database === database) return known;
  const endpoint = new Endpoint(client, database);
  if (endpoint.isKept) setHidden(client, ENDPOINT, endpoint);
  return endpoint;
}
