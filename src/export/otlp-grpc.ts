// Sends OTLP over gRPC with upstream's transport, which handles TLS, metadata and
// OTEL_EXPORTER_OTLP_INSECURE. It gets encoded bytes, so that the worker thread of the exit can use
// the same code. Loaded only when a protocol is grpc.
import { createRequire } from 'node:module';
import { inCorrectedEnvironment } from '../config/corrected-environment.js';
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { Encodable, Encoder } from './encoder.js';
import type { HandedRequest, Sender, SendResult } from './sender.js';

interface ExportResult {
  readonly code: number;
  readonly error?: Error & { readonly code?: unknown };
}

interface Delegate {
  export(body: Uint8Array, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

/**
 * The part of @opentelemetry/otlp-grpc-exporter-base that is used here; upstream does not export
 * its types.
 */
interface GrpcBase {
  convertLegacyOtlpGrpcOptions(options: object, signal: OtlpSignal): object;
  createOtlpGrpcExportDelegate(
    options: object,
    serializer: object,
    component: string,
    counter: object,
    meterProvider: undefined,
    name: string,
    path: string,
  ): Delegate;
}

const PARTS = {
  TRACES: {
    exporter: '@opentelemetry/exporter-trace-otlp-grpc',
    name: 'TraceExportService',
    path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  },
  METRICS: {
    exporter: '@opentelemetry/exporter-metrics-otlp-grpc',
    name: 'MetricsExportService',
    path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  },
  LOGS: {
    exporter: '@opentelemetry/exporter-logs-otlp-grpc',
    name: 'LogsExportService',
    path: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  },
} as const satisfies Readonly<Record<OtlpSignal, unknown>>;

/**
 * INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED, INTERNAL, UNAUTHENTICATED:
 * retrying does not help.
 */
const FINAL = new Set<unknown>([3, 5, 7, 12, 13, 16]);

export interface GrpcAnswer {
  readonly result: SendResult;
  /** The answer to a success, where there is one. */
  readonly body?: Uint8Array | undefined;
}

/** Sends requests that are encoded already. */
export class GrpcChannel {
  readonly #delegate: Delegate;
  /** What upstream has read last. It says in the same turn whose it is. */
  #answer: Uint8Array | undefined;

  constructor(signal: OtlpSignal) {
    const { exporter, name, path } = PARTS[signal];
    // Upstream's exporter depends on it, we do not: it is found from there.
    const base: GrpcBase = createRequire(require.resolve(exporter))('@opentelemetry/otlp-grpc-exporter-base');
    const passThrough = {
      serializeRequest: (body: Uint8Array) => body,
      deserializeResponse: (answer: Uint8Array) => {
        this.#answer = answer;
        return {};
      },
    };
    const counter = { name: 'span', countItems: () => 0 };
    const options = inCorrectedEnvironment([], () => base.convertLegacyOtlpGrpcOptions({}, signal));
    this.#delegate = base.createOtlpGrpcExportDelegate(options, passThrough, 'otlp_grpc', counter, undefined, name, path);
  }

  /** Never rejects; settles within OTEL_EXPORTER_OTLP_TIMEOUT. */
  send(body: Uint8Array): Promise<GrpcAnswer> {
    return new Promise((resolve) => {
      this.#delegate.export(body, ({ code, error }) => {
        resolve(code === 0 ? { result: { status: 'sent' }, body: this.#answer } : { result: failure(error) });
        this.#answer = undefined;
      });
    });
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown();
  }
}

export class OtlpGrpcSender<T extends Encodable> implements Sender<T> {
  readonly target: string;
  readonly type: string;
  /** Upstream's transport waits for its calls. */
  readonly holdsProcess = true;
  readonly #signal: OtlpSignal;
  readonly #createEncoder: () => Encoder<T>;
  #encoder: Encoder<T> | undefined;
  #channel: GrpcChannel | undefined;

  constructor(type: string, signal: OtlpSignal, target: string, createEncoder: () => Encoder<T>) {
    this.type = type;
    this.target = target;
    this.#signal = signal;
    this.#createEncoder = createEncoder;
  }

  async send(items: readonly T[]): Promise<SendResult> {
    this.#encoder ??= this.#createEncoder();
    const encoded = await this.#encoder.encode(items);
    if (encoded === undefined) return { status: 'failed', reason: 'it cannot be encoded', cause: 'unencodable' };
    this.#channel ??= new GrpcChannel(this.#signal);
    const { result, body } = await this.#channel.send(encoded.body);
    return result.status === 'sent' ? this.#encoder.readAnswer(encoded, body) : result;
  }

  handOver(items: readonly T[]): HandedRequest | undefined {
    this.#encoder ??= this.#createEncoder();
    const encoded = this.#encoder.encodeNow(items);
    return encoded === undefined ? undefined : { kind: 'grpc', signal: this.#signal, ...encoded };
  }

  async shutdown(): Promise<void> {
    await this.#channel?.shutdown();
  }
}

function failure(error: ExportResult['error']): SendResult {
  const reason = typeof error?.code === 'number' ? `gRPC status ${error.code}` : (error?.name ?? 'unknown error');
  return { status: FINAL.has(error?.code) ? 'failed' : 'retry', reason };
}
