// Opens the socket for `sietch-otel now` once the process has turned out to stay: until then
// nothing is loaded, and what ends before leaves nothing.
import { whenAppStays } from '../node/app-stays.js';
import { isDenied } from '../node/permission.js';
import type { ProcessFacts } from './call.js';
import type { SocketServer } from './socket-server.js';

/** The socket of this process, open or not. */
export interface ProcessSocket {
  /** Takes the socket away; none is opened from then on. Never throws. */
  remove(): void;
}

/** Not on Windows, where a pipe has no folder that keeps other users out. */
export function openSocketLater(facts: ProcessFacts): ProcessSocket {
  let server: SocketServer | undefined;
  let isRemoved = false;
  const uid = process.geteuid?.();
  if (uid !== undefined && !isDenied('net')) {
    whenAppStays(() => {
      // The app may have become another user meanwhile.
      if (!isRemoved) server = load().openSocket(process.geteuid?.() ?? uid, facts);
    });
  }
  return {
    remove() {
      isRemoved = true;
      server?.remove();
      server = undefined;
    },
  };
}

function load(): typeof import('./socket-server.js') {
  return require('./socket-server.js');
}
