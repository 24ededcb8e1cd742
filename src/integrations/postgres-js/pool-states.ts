// The pools of postgres.js as they are at this moment. The library shows who has a connection only
// where it was reserved.
import { stackText } from '../../observe/caller-stack.js';
import type { PoolClient, PoolState } from '../../observe/live-state.js';
import { ownerOf, traceIdOf } from '../../observe/open-calls.js';
import type { PoolRegistry } from '../../observe/postgresql/pool-registry.js';
import type { Reservation, Reservations } from './reservations.js';
import { countsOf, type Server } from './servers.js';

export function poolStates(pools: PoolRegistry<Server>, reservations: Reservations): PoolState[] {
  const now = performance.now();
  return [...pools].map((server) => {
    const { used, idle, pending, max } = countsOf(server);
    return {
      library: 'postgres',
      name: server.target.name,
      size: used + idle,
      max: max === 0 ? undefined : max,
      idle,
      waiting: pending,
      clients: [...reservations.in(server)].map((reservation) => describe(reservation, now)),
    };
  });
}

function describe({ context, heldSince, stack }: Reservation, now: number): PoolClient {
  return {
    holder: ownerOf(context)?.title,
    traceId: traceIdOf(context),
    heldFor: (now - heldSince) / 1000,
    statement: undefined,
    statementAge: undefined,
    idleInTransactionFor: undefined,
    stack: stackText(stack),
  };
}
