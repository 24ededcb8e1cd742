// Detects other protocols on a port: gRPC (HTTP/2 without TLS, from the first byte) and TLS.
import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import type { OtlpSignal } from '../config/otlp-signals.js';
import type { Environment } from '../config/read.js';
import type { Finding, FindingCode } from '../diagnose/codes.js';
import { readOtlpHttpConfig } from '../export/otlp-config.js';

/** The frame of an empty message. */
const EMPTY_MESSAGE = Buffer.alloc(5);
const PATHS: Readonly<Record<OtlpSignal, string>> = {
  TRACES: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  METRICS: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  LOGS: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
};

export async function speaksTls({ hostname, port }: URL, timeoutMs: number): Promise<boolean> {
  const { connect } = await import('node:tls');
  return new Promise((resolve) => {
    const socket = connect({ host: bare(hostname), port: Number(port || 443), rejectUnauthorized: false, timeout: timeoutMs });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('secureConnect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}

export async function speaksHttp2(url: URL, timeoutMs: number): Promise<boolean> {
  const { connect } = await import('node:http2');
  return new Promise((resolve) => {
    const session = connect(url.origin);
    const end = (answer: boolean) => {
      clearTimeout(timer);
      session.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(false), timeoutMs);
    session.on('remoteSettings', () => end(true));
    session.on('error', () => end(false));
    session.on('close', () => end(false));
  });
}

/** An empty export over gRPC. */
export async function askGrpc(env: Environment, signal: OtlpSignal, timeoutMs: number): Promise<Finding[]> {
  const url = grpcUrl(env, signal);
  const { headers, tls } = readOtlpHttpConfig({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: url.origin }, signal);
  const { connect } = await import('node:http2');
  return new Promise((resolve) => {
    const session = connect(url.origin, tls);
    const end = (code: FindingCode | undefined, detail: string) => {
      clearTimeout(timer);
      session.destroy();
      resolve(code === undefined ? [] : [{ code, detail: `${url.origin}: ${detail}` }]);
    };
    const timer = setTimeout(() => end('SIETCH112', 'no answer'), timeoutMs);
    session.on('error', (error) => end(codeOfError(error), 'code' in error ? String(error.code) : error.name));
    session.on('close', () => end('SIETCH127', 'closed the connection'));
    call(session, { ...headers, ':method': 'POST', ':path': PATHS[signal], 'content-type': 'application/grpc', te: 'trailers' }, (status) =>
      end(codeOfStatus(status), `gRPC status ${status}`),
    );
  });
}

function call(session: ClientHttp2Session, headers: Record<string, string>, done: (status: string) => void): void {
  const stream = session.request(headers);
  const read = (answer: IncomingHttpHeaders) => {
    const status = answer['grpc-status'];
    if (typeof status === 'string') done(status);
  };
  stream.on('response', read);
  stream.on('trailers', read);
  stream.on('error', () => {}); // The session reports it too.
  stream.resume().end(EMPTY_MESSAGE);
}

/**
 * `host:port` without a scheme means TLS, as in upstream's exporter, unless
 * OTEL_EXPORTER_OTLP_INSECURE says otherwise.
 */
function grpcUrl(env: Environment, signal: OtlpSignal): URL {
  const text =
    env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim() || env['OTEL_EXPORTER_OTLP_ENDPOINT']?.trim() || 'http://localhost:4317';
  const insecure = (env[`OTEL_EXPORTER_OTLP_${signal}_INSECURE`] ?? env['OTEL_EXPORTER_OTLP_INSECURE'])?.trim().toLowerCase() === 'true';
  const full = /^\w+:\/\//.test(text) ? text : `${insecure ? 'http' : 'https'}://${text}`;
  return new URL(URL.canParse(full) ? full : 'http://localhost:4317');
}

function codeOfStatus(status: string): FindingCode | undefined {
  switch (status) {
    case '0':
      return undefined;
    case '7':
    case '16':
      return 'SIETCH115';
    case '12':
      return 'SIETCH116';
    case '8':
    case '14':
      return 'SIETCH118';
    default:
      return 'SIETCH129';
  }
}

function codeOfError(error: Error): FindingCode {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'SIETCH110';
  if (code === 'ECONNREFUSED') return 'SIETCH111';
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code)) return 'SIETCH113';
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'SIETCH114';
  return 'SIETCH127';
}

/** IPv6 addresses without their brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
