// Where the processes of a PM2 application meet: a local socket whose name all of them can work out and nobody else can use.
import { createHash } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder } from '../../node/private-folder.js';

/** @throws {Error} when there is no folder for it that is ours alone. */
export function rendezvousPath(key: string): string {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\sietch-otel-${name}`;
  return join(meetingFolder(), `${name}.sock`);
}

/** A folder that another user has made, or can enter, would let that user in on the metrics. */
function meetingFolder(): string {
  const folder = makePrivateFolder(join(tmpdir(), `sietch-otel-${process.geteuid?.()}`));
  const { mode } = statSync(folder);
  if ((mode & 0o077) !== 0) throw new Error(`${folder} can be entered by other users (mode ${(mode & 0o777).toString(8)})`);
  return folder;
}

/** For the one process that may: it takes the place of a socket that a dead process left. */
export function openRendezvous(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  if (process.platform !== 'win32') rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    const server = createServer(onConnection);
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve(server);
    });
    server.unref();
  });
}

export function goToRendezvous(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.unref();
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
