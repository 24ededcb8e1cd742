// The connection of one client: its queue, its socket and its options belong together, though
// node-redis lets neither of them know of the others.
import { setHidden } from '../../observe/hidden-property.js';
import { LiveObjects } from '../../observe/live-objects.js';
import { Endpoint, type Place } from '../../observe/redis/endpoint.js';
import type { CommandsQueue, NodeRedisClient, RedisSocket, SocketOptions } from './client.js';

const CONNECTION = Symbol('sietch-otel.node-redis.connection');
type Owned<Part> = Part & { [CONNECTION]?: Connection };

/** Those that have a socket. */
export const connections = new LiveObjects<Connection>();

export class Connection {
  queue: CommandsQueue | undefined;
  socket: RedisSocket | undefined;
  /** Known when it is connecting, hence before any command is sent. */
  client: NodeRedisClient | undefined;
  /** The list of the queue has been seen to get a command. */
  isListSeen = false;
  /** The transaction whose commands are being added. */
  transaction: symbol | undefined;
  #socketOptions: SocketOptions | undefined;
  /** By SELECT. */
  #selected: number | undefined;
  #endpoint: Endpoint | undefined;

  /** The server and database now: another one after SELECT. */
  get endpoint(): Endpoint {
    const database = this.#selected ?? this.client?.options?.database ?? 0;
    if (this.#endpoint?.database === database) return this.#endpoint;
    this.#endpoint = new Endpoint(placeOf(this.#socketOptions, database));
    return this.#endpoint;
  }

  /** Whether commands are sent at once. */
  get isReady(): boolean {
    return this.socket?.isReady === true;
  }

  /** Called when SELECT has succeeded. */
  select(database: number): void {
    if (Number.isInteger(database)) this.#selected = database;
  }

  setClient(client: Owned<NodeRedisClient>): this {
    this.client = client;
    this.#socketOptions ??= client.options?.socket;
    addConnection(client, this);
    return this;
  }

  setSocket(socket: Owned<RedisSocket>, options: SocketOptions | undefined): void {
    this.socket = socket;
    connections.add(this);
    this.#socketOptions = options;
    addConnection(socket, this);
  }

  setQueue(queue: Owned<CommandsQueue>): void {
    this.queue = queue;
    addConnection(queue, this);
  }
}

/** Read once the socket has been made: node-redis 4 writes its defaults into the options. */
function placeOf(options: SocketOptions | undefined, database: number): Place {
  const { host = 'localhost', path, port = 6379 } = options ?? {};
  return typeof path === 'string' ? { database, address: path, port: undefined } : { database, address: host, port };
}

/**
 * A connection that has its queue or its socket and not yet the other. The constructor of a client
 * makes one of each and nothing of another client in between; which comes first depends on the
 * version. One that stays alone (the constructor has thrown) gives way to the next of its kind.
 */
let unpaired: Connection | undefined;

export function queueMade(queue: CommandsQueue): void {
  const connection = unpaired?.queue === undefined && unpaired !== undefined ? unpaired : new Connection();
  connection.setQueue(queue);
  unpaired = connection.socket === undefined ? connection : undefined;
}

export function socketMade(socket: RedisSocket, options: SocketOptions | undefined): void {
  const connection = unpaired?.socket === undefined && unpaired !== undefined ? unpaired : new Connection();
  connection.setSocket(socket, options);
  unpaired = connection.queue === undefined ? connection : undefined;
}

/** Makes one for a queue or a socket that was there before us. */
export function connectionOf(part: Owned<CommandsQueue> | Owned<RedisSocket>): Connection {
  return part[CONNECTION] ?? addConnection(part, new Connection());
}

/** Makes one for a client that was never connected. */
export function connectionOfClient(client: Owned<NodeRedisClient>): Connection {
  return client[CONNECTION] ?? new Connection().setClient(client);
}

function addConnection(part: { [CONNECTION]?: Connection }, connection: Connection): Connection {
  setHidden(part, CONNECTION, connection);
  return connection;
}
