// Creates pools of pg that survive the loss of their server.
interface ListenedClient {
  on(event: 'error', listener: () => void): unknown;
}

/** As much of a pool as is needed here. */
interface ListenedPool {
  on(event: 'error', listener: () => void): unknown;
  on(event: 'connect', listener: (client: ListenedClient) => void): unknown;
}

/**
 * Keeps a lost connection from ending the process. The pool listens to idle clients only; one that
 * is in use, or just given back as broken, emits its error with nobody listening, which Node takes
 * for an uncaught exception. Whoever uses the client gets the error from its query.
 */
export function surviveLostConnections(pool: ListenedPool): void {
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
}

/** The pool inside of BullMQ's PostgreSQL backend. */
export function poolOf(queue: object): ListenedPool | undefined {
  const backend: unknown = 'backend' in queue ? queue.backend : undefined;
  const connection: unknown = isObject(backend) && 'connection' in backend ? backend.connection : undefined;
  const pool: unknown = isObject(connection) && 'pool' in connection ? connection.pool : undefined;
  return isPool(pool) ? pool : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isPool(value: unknown): value is ListenedPool {
  return isObject(value) && 'on' in value && typeof value.on === 'function';
}
