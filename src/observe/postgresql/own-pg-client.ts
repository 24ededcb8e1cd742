// Clients of our own that are made with the app's pg. They are named, have deadlines and do not
// keep the process alive.

/** The members of such a client that are used. */
export interface OwnPgClient {
  query(query: string | { text: string; values?: readonly unknown[] | undefined; queryMode?: 'extended' | undefined }): Promise<unknown>;
  end(): Promise<unknown>;
  on(event: 'error' | 'notification', listener: (given: unknown) => void): unknown;
}

interface Unconnected extends OwnPgClient {
  connect(): Promise<unknown>;
  unref?(): void;
}

export type PgClientClass = new (config: object) => Unconnected;

/**
 * @param config where it connects to, and as whom
 * @param onLost called when the connection breaks
 */
export function makeOwnPgClient(
  Client: PgClientClass,
  config: object,
  deadlineMs: number,
  onLost: () => void,
): { client: OwnPgClient; connect(): Promise<void> } {
  const own = { application_name: 'sietch-otel', connectionTimeoutMillis: deadlineMs, query_timeout: deadlineMs };
  const client = new Client(Object.assign(config, own));
  client.on('error', onLost);
  return { client, connect: () => connect(client) };
}

async function connect(client: Unconnected): Promise<void> {
  const connected = client.connect();
  client.unref?.();
  await connected;
  // A connection that changed to TLS has another socket now.
  client.unref?.();
}
