// The load: requests over a few connections that are kept open, each connection sending its next when it has the answer to its last.
// On bare sockets, because a client that costs more than the server cannot measure it.

import { connect, type Socket } from 'node:net';

export interface LoadOptions {
  readonly port: number;
  /** Of the nth request, if they differ. */
  readonly path: string | ((index: number) => string);
  readonly requests: number;
  readonly connections: number;
  /** Each connection sends its share; default: whichever is free sends the next. */
  readonly even?: boolean;
  /** More header lines of the nth request, each ended by CRLF. */
  readonly headers?: (index: number) => string;
  /** Sends no more than this; default: as many as are answered. */
  readonly perSecond?: number;
  /** Called with each answer's body, and the milliseconds since it was due. */
  readonly onAnswer?: (index: number, body: string, ms: number) => void;
}

const TIMEOUT_MS = 60_000;
const TIMER_LATE_MS = 2;

/**
 * Sends all requests and resolves when all are answered.
 * @throws {RangeError} when connections cannot have even shares.
 * @throws {Error} on any answer but 200, on a broken connection, or when no answer comes within a minute.
 */
export async function load(options: LoadOptions): Promise<void> {
  const { requests, even = false, perSecond } = options;
  const most = even ? requests / options.connections : requests;
  if (!Number.isInteger(most)) throw new RangeError(`requests: expected a multiple of ${options.connections} connections, got ${requests}`);
  const connections: Connection[] = [];
  const sleepAgain = stayAwake();
  let sent = 0;
  let begun = performance.now();
  const ask = async (connection: Connection): Promise<void> => {
    const index = sent++;
    const dueAt = perSecond === undefined ? performance.now() : begun + (index * 1000) / perSecond;
    await until(dueAt);
    const path = typeof options.path === 'string' ? options.path : options.path(index);
    const body = await connection.get(`GET ${path} HTTP/1.1\r\nHost: bench\r\n${options.headers?.(index) ?? ''}\r\n`);
    options.onAnswer?.(index, body, performance.now() - dueAt);
  };
  try {
    while (connections.length < options.connections) {
      const connection = await open(options.port);
      connections.push(connection);
      // The primary of a cluster gives a connection to whichever process is free: the next in turn only when the last has answered.
      if (even) await ask(connection);
    }
    begun = performance.now();
    const run = async (connection: Connection): Promise<void> => {
      for (let own = even ? 1 : 0; own < most && sent < requests; own++) await ask(connection);
    };
    await Promise.all(connections.map(run));
  } finally {
    sleepAgain();
    for (const { socket } of connections) socket.destroy();
  }
}

/**
 * To wake a load that sleeps is an interrupt to another core, for which the server pays with each answer (by perf, 12 µs in a virtual machine). One that
 * is fast enough to keep the load busy would not pay it, and be set against those that do.
 */
function stayAwake(): () => void {
  let isOver = false;
  const turn = (): void => {
    if (!isOver) setImmediate(turn);
  };
  turn();
  return () => {
    isOver = true;
  };
}

/** Timers are late by up to a millisecond or two: the last of them are turns of the event loop. */
async function until(at: number): Promise<void> {
  const ms = at - performance.now() - TIMER_LATE_MS;
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  while (performance.now() < at) await new Promise((resolve) => setImmediate(resolve));
}

interface Connection {
  readonly socket: Socket;
  /** Resolves with the body. */
  get(request: string): Promise<string>;
}

async function open(port: number): Promise<Connection> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let received = '';
  let settle: { resolve(body: string): void; reject(error: Error): void } | undefined;
  const fail = (error: Error): void => settle?.reject(error);
  socket.setEncoding('latin1').setTimeout(TIMEOUT_MS, () => fail(new Error('no answer within a minute')));
  socket.on('error', fail).on('close', () => fail(new Error('the workload closed the connection')));
  socket.on('data', (chunk: string) => {
    received += chunk;
    if (!isComplete(received)) return;
    const status = received.slice(9, 12);
    if (status === '200') settle?.resolve(received.slice(received.indexOf('\r\n\r\n') + 4));
    else fail(new Error(`the workload answered ${received}`));
    received = '';
  });
  await new Promise<void>((resolve, reject) => {
    settle = { resolve: () => resolve(), reject };
    socket.once('connect', resolve);
  });
  return {
    socket,
    get: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
  };
}

/** Answers of the workloads are small and say how long they are. */
function isComplete(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = /content-length: (\d+)/i.exec(text)?.[1];
  return length === undefined ? text.endsWith('0\r\n\r\n') : text.length >= headEnd + 4 + Number(length);
}
