// A network between a client and a server that can be slow, or swallow all that is sent.
import { connect, createServer, type Server, type Socket } from 'node:net';

export class SlowLink {
  /** One way, each packet. */
  delayMs = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<SlowLink> {
    const server = createServer();
    const link = new SlowLink(server);
    server.on('connection', (socket) => link.#join(socket, connect(port, '127.0.0.1')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** From now on packets vanish; connections stay open and can be made. */
  cut(): void {
    this.#isCut = true;
  }

  /** New connections get through again; those of before stay dead, as after a change of route. */
  heal(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    let isDead = false;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk) => {
        isDead ||= this.#isCut;
        if (!isDead) setTimeout(() => to.write(chunk), this.delayMs);
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#sockets.delete(from);
        if (!isDead) setTimeout(() => to.destroy(), this.delayMs);
      });
    }
  }
}
