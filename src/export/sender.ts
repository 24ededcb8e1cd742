// What stands between a queue and the network.
import type { DropCause } from './drops.js';

/** The outcome of one export. */
export type SendResult =
  /** The collector has it; `rejected` items of it were refused (OTLP's partial success). */
  | { readonly status: 'sent'; readonly rejected?: number }
  /** Not now. `afterMs` is the collector's own wish (Retry-After). */
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Never: the collector will not take it, or (`cause`) it cannot be sent. */
  | { readonly status: 'failed'; readonly reason: string; readonly cause?: DropCause };

/** Sends items of one signal. */
export interface Sender<T> {
  /** Where to, for people. */
  readonly target: string;
  /** Whether an unfinished `send` keeps the process alive: then the natural end is left to the hand-over. */
  readonly holdsProcess: boolean;
  /** Never rejects; settles within `timeoutMs`. */
  send(items: readonly T[], timeoutMs: number): Promise<SendResult>;
  /** The same as data that a worker thread can send while this thread ends. `undefined`: this sender cannot. Synchronous. */
  handOver(items: readonly T[]): HandedRequest | undefined;
  shutdown(): Promise<void>;
}

/** One export as cloneable data. */
export type HandedRequest = HandedHttpRequest | HandedGrpcRequest;

export interface HandedHttpRequest {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsFiles;
  readonly body: Uint8Array;
}

export interface HandedGrpcRequest {
  readonly kind: 'grpc';
  readonly signal: OtlpSignal;
  readonly body: Uint8Array;
}

/** As in the names of the variables. */
export type OtlpSignal = 'TRACES' | 'METRICS' | 'LOGS';

/** Contents of the certificate files. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}
