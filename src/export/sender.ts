// What stands between a queue and the network.
import type { DropCause } from './drops.js';

/** OTLP's partial success: the collector took the request, but not all that is in it, or has a warning. */
export interface PartialSuccess {
  readonly rejected: number;
  /** What is counted: items of the queue, or data points, of which one export of metrics has many. */
  readonly unit: 'items' | 'data points';
  /** The collector's own words; may be empty. */
  readonly message: string;
}

/** The outcome of one export. */
export type SendResult =
  /** The collector has it, but for what it says itself, and items that could not be encoded. */
  | { readonly status: 'sent'; readonly partial?: PartialSuccess; readonly unencodable?: number }
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

interface Handed {
  readonly body: Uint8Array;
  /** Items that could not be encoded and are not in it. */
  readonly unencodable?: number;
}

export interface HandedHttpRequest extends Handed {
  readonly kind: 'http';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsFiles;
}

export interface HandedGrpcRequest extends Handed {
  readonly kind: 'grpc';
  readonly signal: OtlpSignal;
}

/** As in the names of the variables. */
export type OtlpSignal = 'TRACES' | 'METRICS' | 'LOGS';

/** Contents of the certificate files. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}
