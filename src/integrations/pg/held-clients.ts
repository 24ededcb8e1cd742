// The clients of pg-pool that are checked out at this moment, and whether they are used.
import type { HeldConnection } from '../../observe/postgresql/held-connections.js';
import type { ClientTracer } from './client-tracer.js';
import { isClient, type PgClient, type PgPool } from './pg-internals.js';
import type { Pools } from './pools.js';

/** Without those that wait for notifications, which are meant to be kept. */
export function* heldClients(pools: Pools, tracer: ClientTracer): Generator<HeldConnection> {
  for (const pool of pools) {
    for (const client of clientsInUse(pool)) {
      const { checkout, idleSince } = tracer.sourceOf(client);
      if (checkout?.heldSince === undefined || checkout.pool !== pool || isListening(client)) continue;
      const { context, heldSince, stack } = checkout;
      yield { pool: pools.targetOf(pool).name, context, heldSince, idleSince: isAtWork(client) ? undefined : idleSince, stack };
    }
  }
}

export function clientsInUse({ _clients = [], _idle = [] }: PgPool): PgClient[] {
  const idle = new Set(_idle.map((item) => (typeof item === 'object' && item !== null && 'client' in item ? item.client : item)));
  return _clients.filter(isClient).filter((client) => !idle.has(client));
}

/** The first names are those of pg 8.17 and later, where reading the second ones warns. */
function isAtWork(client: PgClient): boolean {
  const active = '_activeQuery' in client ? client._activeQuery : client.activeQuery;
  const queue = client._queryQueue ?? client.queryQueue;
  return (active !== null && active !== undefined) || (queue?.length ?? 0) > 0;
}

function isListening(client: PgClient): boolean {
  return (client.listenerCount?.('notification') ?? 0) > 0;
}
