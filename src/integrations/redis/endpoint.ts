// The server and database behind a client.
import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_DB_NAMESPACE,
  ATTR_DB_OPERATION_NAME,
  ATTR_DB_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} from '@opentelemetry/semantic-conventions';
import { durationSeries, type OperationSeries } from '../../observe/operation-series.js';
import { type RedisClient, setHidden } from './client.js';
import type { CommandKind } from './command-kind.js';
import { CommandTarget, type ModelBudget, type Server } from './command-target.js';
import { DB_SYSTEM_REDIS } from './names.js';

const ENDPOINT = Symbol('sietch-otel.redis.endpoint');

export class Endpoint implements Server {
  readonly database: number;
  readonly namespace: string;
  /**
   * Host name, or path of a socket; undefined until a cluster client has chosen a node or a
   * Sentinel has named the server.
   */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /**
   * Used for more than one command. Through Sentinel it is not: there the address is known once
   * connected, and another one after a failover.
   */
  readonly isKept: boolean;
  /** Durations, by command and form. */
  readonly durations: OperationSeries;
  readonly #targets = new Map<string, CommandTarget>();
  readonly #budget: ModelBudget = { kept: 0 };

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
    const attributes: Attributes = { [ATTR_DB_SYSTEM_NAME]: DB_SYSTEM_REDIS, [ATTR_DB_NAMESPACE]: this.namespace };
    if (this.address !== undefined) attributes[ATTR_SERVER_ADDRESS] = this.address;
    if (this.port !== undefined) attributes[ATTR_SERVER_PORT] = this.port;
    this.durations = durationSeries(attributes, ATTR_DB_OPERATION_NAME);
  }

  /** The command of that name and form here. */
  targetOf(name: string, kind: CommandKind): CommandTarget {
    let target = this.#targets.get(name);
    if (target === undefined) {
      target = new CommandTarget(this, name, kind, this.isKept ? this.#budget : undefined);
      this.#targets.set(name, target);
    }
    return target;
  }
}

/** The endpoint of `client` now: another one after SELECT. */
export function endpointOf(client: RedisClient & { [ENDPOINT]?: Endpoint }): Endpoint {
  const database = client.condition?.select ?? client.options.db ?? 0;
  const known = client[ENDPOINT];
  if (known !== undefined && known.database === database) return known;
  const endpoint = new Endpoint(client, database);
  if (endpoint.isKept) setHidden(client, ENDPOINT, endpoint);
  return endpoint;
}
