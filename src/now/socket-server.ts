// Opens the socket by which this process answers `sietch-otel now`, and removes those that dead
// processes of the same user have left. Loaded when the process turns out to stay.
import { chmodSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { note, warn } from '../diagnose/diagnostics.js';
import type { ProcessFacts } from './call.js';
import { answerOn } from './question-call.js';
import { newSocketPath } from './socket-folder.js';
import { removeStaleSockets } from './stale-sockets.js';

/** Bound of the file descriptors that those who ask take from the app. */
const MAX_CONNECTIONS = 16;
/** What a process that may write little is told by the system: nobody need know. */
const NO_PLACE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOSPC', 'ERR_ACCESS_DENIED']);

export interface SocketServer {
  readonly path: string;
  /** Removes the socket, within this call. Never throws. */
  remove(): void;
}

/** Never throws. `undefined` when there is no place for it. */
export function openSocket(uid: number, facts: ProcessFacts): SocketServer | undefined {
  try {
    const path = newSocketPath(uid, facts.service.name);
    const server = createServer((socket) => answerOn(socket, facts));
    server.maxConnections = MAX_CONNECTIONS;
    listen(server, path);
    return {
      path,
      remove() {
        server.close();
        removeFile(path);
      },
    };
  } catch (error) {
    report(error);
    return undefined;
  }
}

function listen(server: Server, path: string): void {
  server.once('error', report);
  // In a worker of node:cluster, without `exclusive` the primary would listen.
  server.listen({ path, exclusive: true }, () => {
    server.off('error', report);
    // A server that fails later (EMFILE on accept) must not throw into the app.
    server.on('error', () => {});
    try {
      chmodSync(path, 0o600);
    } catch {
      // The folder is this user's alone, whatever the mode of the socket.
    }
    void removeStaleSockets(dirname(path), path);
  });
  server.unref();
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Closing the server has removed it, or somebody else has.
  }
}

function report(error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (NO_PLACE.has(code)) note('SIETCH220', reason);
  else warn('SIETCH220', reason);
}
