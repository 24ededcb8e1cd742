// The server and database behind a client.
import { setHidden } from '../../observe/hidden-property.js';
import { Endpoint, type Place } from '../../observe/redis/endpoint.js';
import type { RedisClient } from './client.js';

const ENDPOINT = Symbol('sietch-otel.redis.endpoint');

/** The endpoint of `client` now: another one after SELECT, and after a failover that Sentinel has told of. */
export function endpointOf(client: RedisClient & { [ENDPOINT]?: Endpoint }): Endpoint {
  const database = client.condition?.select ?? client.options.db ?? 0;
  const known = client[ENDPOINT];
  if (known !== undefined && known.database === database && isThere(client, known)) return known;
  const endpoint = new Endpoint(placeOf(client, database));
  setHidden(client, ENDPOINT, endpoint);
  return endpoint;
}

function isThere({ options: { sentinels }, stream }: RedisClient, { address, port }: Endpoint): boolean {
  return !isSentinelList(sentinels) || (stream?.remoteAddress === address && stream?.remotePort === port);
}

/**
 * Without an address until a cluster client has chosen a node or a Sentinel has named the server.
 */
function placeOf({ isCluster, options, stream }: RedisClient, database: number): Place {
  const { host = 'localhost', path, port = 6379, sentinels } = options;
  if (isCluster === true) return { database, address: undefined, port: undefined };
  if (typeof path === 'string' && path !== '') return { database, address: path, port: undefined };
  if (isSentinelList(sentinels)) return { database, address: stream?.remoteAddress, port: stream?.remotePort };
  return { database, address: host, port };
}

function isSentinelList(sentinels: readonly unknown[] | null | undefined): boolean {
  return Array.isArray(sentinels) && sentinels.length > 0;
}
