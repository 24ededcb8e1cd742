// Starts the receivers of the viewer, and says in words why one could not listen.

import { type GrpcReceiver, startGrpcReceiver } from '../../view/grpc-receiver.js';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../view/receiver.js';
import type { TraceStore } from '../../view/trace-store.js';
import type { ViewOptions } from './options.js';

export async function listenHttp(options: ReceiverOptions & { host: string; port: number }): Promise<Receiver> {
  try {
    return await startReceiver(options);
  } catch (error) {
    throw explained(error, options.host, options.port, TAKEN_HTTP);
  }
}

/** Undefined where nobody asked for gRPC by a port, and the usual one is taken: OTLP over HTTP is enough for ours. */
export async function listenGrpc(store: TraceStore, { host, grpcPort: port, wantsGrpc }: ViewOptions): Promise<GrpcReceiver | undefined> {
  if (port === undefined) return undefined;
  try {
    return await startGrpcReceiver({ host, port, store });
  } catch (error) {
    if (!wantsGrpc && codeOf(error) === 'EADDRINUSE') {
      process.stderr.write(
        `sietch-otel: port ${port} of ${host} is taken, so OTLP over gRPC is not received: give \`--grpc-port\` another one\n`,
      );
      return undefined;
    }
    throw explained(error, host, port, TAKEN_GRPC);
  }
}

type Explain = (host: string, port: number) => string;

const TAKEN_HTTP: Explain = (host, port) =>
  `port ${port} of ${host} is taken: is a collector running, or another viewer? ` +
  'Stop it, or take another port: sietch-otel view --port 14318, and OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:14318 for the app';
const TAKEN_GRPC: Explain = (host, port) => `port ${port} of ${host} is taken: give \`--grpc-port\` another one, or \`--no-grpc\``;

const CANNOT_LISTEN: Readonly<Record<string, Explain>> = {
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EADDRNOTAVAIL: (host) => `${host} is not an address of this machine: give \`--host\` one that is, or 0.0.0.0 for all of them`,
  EACCES: (_host, port) => `this user may not listen on port ${port}: give \`--port\` a number above 1023`,
};

function unknownHost(host: string): string {
  return `the host name ${JSON.stringify(host)} is not known: give \`--host\` an address of this machine, or leave it away for 127.0.0.1`;
}

function explained(error: unknown, host: string, port: number, taken: Explain): unknown {
  const code = codeOf(error);
  const explain = code === 'EADDRINUSE' ? taken : CANNOT_LISTEN[code];
  return explain === undefined ? error : new Error(`${explain(host, port)} (${code})`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
