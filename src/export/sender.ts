// The sender: the interface between an export queue and the network.
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { DropCause } from './drops.js';

/**
 * OTLP's partial success: the collector took the request, but not all that is in it, or has a
 * warning.
 */
export interface PartialSuccess {
  readonly rejected: number;
  /**
   * The unit of `rejected`: items of the queue, or data points, of which a metric export has many.
   */
  readonly unit: 'items' | 'data points';
  /** The collector's message; may be empty. */
  readonly message: string;
}

/** The outcome of one export. */
export type SendResult =
  /** Accepted, except for what `partial` rejects and items that could not be encoded. */
  | { readonly status: 'sent'; readonly partial?: PartialSuccess; readonly unencodable?: number }
  /** Retryable. `afterMs` is Retry-After. */
  | { readonly status: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Final: the collector refuses it, or (`cause`) it cannot be sent. */
  | { readonly status: 'failed'; readonly reason: string; readonly cause?: DropCause };

/** Sends items of one signal. */
export interface Sender<T> {
  /** The endpoint, for messages. */
  readonly target: string;
  /** Kind of the exporter in the semantic conventions, like `otlp_http_span_exporter`. */
  readonly type?: string;
  /**
   * Whether an unfinished `send` keeps the process alive: then the natural end is left to the
   * hand-over.
   */
  readonly holdsProcess: boolean;
  /** Never rejects; settles within `timeoutMs`. */
  send(items: readonly T[], timeoutMs: number): Promise<SendResult>;
  /**
   * Encodes the items synchronously into a request that a worker thread sends at exit; `undefined`
   * when it cannot.
   */
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

/** Contents of the certificate files. */
export interface TlsFiles {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}
