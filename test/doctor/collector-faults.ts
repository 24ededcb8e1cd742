// Causes at the other end.
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp } from 'node:net';
import { freePort } from '../support/ports.ts';
import type { Bench, Case, Fault } from './fault.ts';
import { answering, CERT, grpcServer, TLS } from './servers.ts';

const at = (endpoint: string, env: Case['env'] = {}): Case => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env } });

/** A collector that answers so. */
function answers(listener: RequestListener, env: Case['env'] = {}): (bench: Bench) => Promise<Case> {
  return async (bench) => at(`http://${await bench.listen(createHttp(listener))}`, env);
}

const healthy = (): Case => ({});
const anHourAgo = (): string => new Date(Date.now() - 3_600_000).toUTCString();
const withToken: RequestListener = (request, response) =>
  answering(request.headers.authorization === 'Bearer a b' ? 200 : 401)(request, response);
const protobufOnly: RequestListener = (request, response) =>
  answering(request.headers['content-type'] === 'application/x-protobuf' ? 200 : 415)(request, response);

export const collectorFaults: readonly Fault[] = [
  { code: 'SIETCH110', detail: /no-such-host\.invalid/, broken: () => at('http://no-such-host.invalid:4318'), mended: healthy },
  { code: 'SIETCH111', detail: /ECONNREFUSED/, broken: async () => at(`http://127.0.0.1:${await freePort()}`), mended: healthy },
  { code: 'SIETCH112', broken: async (bench) => at(`http://${await bench.listen(createTcp(() => {}))}`), mended: healthy },
  {
    code: 'SIETCH113',
    broken: async (bench) => at(`https://${await bench.listen(createHttps(TLS, answering(200)))}`),
    mended: async (bench) =>
      at(`https://${await bench.listen(createHttps(TLS, answering(200)))}`, { OTEL_EXPORTER_OTLP_CERTIFICATE: CERT }),
  },
  {
    code: 'SIETCH114',
    broken: async (bench) => at(`http://${await bench.listen(createHttps(TLS, answering(200)))}`, { OTEL_EXPORTER_OTLP_CERTIFICATE: CERT }),
    mended: async (bench) =>
      at(`https://${await bench.listen(createHttps(TLS, answering(200)))}`, { OTEL_EXPORTER_OTLP_CERTIFICATE: CERT }),
  },
  {
    code: 'SIETCH115',
    broken: answers(withToken),
    mended: answers(withToken, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%20b' }),
  },
  {
    code: 'SIETCH116',
    broken: async (bench) => at(`${(await bench.receiver()).url}/otlp`),
    mended: async (bench) => at((await bench.receiver()).url),
  },
  {
    code: 'SIETCH117',
    detail: /HTTP 415/,
    broken: answers(protobufOnly, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }),
    mended: answers(protobufOnly, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }),
  },
  { code: 'SIETCH118', detail: /HTTP 429/, broken: answers(answering(429)), mended: answers(answering(200)) },
  { code: 'SIETCH119', broken: answers(answering(200, { 'content-type': 'text/html' })), mended: healthy },
  {
    code: 'SIETCH126',
    broken: async (bench) => at(`http://${await bench.listen(grpcServer(0))}`),
    mended: async (bench) => at(`http://${await bench.listen(grpcServer(0))}`, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
  },
  {
    code: 'SIETCH127',
    broken: () => ({ env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } }),
    mended: () => ({ env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' } }),
  },
  {
    code: 'SIETCH128',
    detail: /3\d\d\d s ahead/,
    broken: (bench) => answers(answering(200, { date: anHourAgo() }))(bench),
    mended: answers(answering(200)),
  },
  {
    code: 'SIETCH154',
    detail: /HTTP 503 from .*, server: nginx$/,
    broken: answers(answering(503, { server: 'nginx', 'content-type': 'text/html' })),
    mended: answers(answering(200, { server: 'nginx' })),
  },
  { code: 'SIETCH154', detail: /HTTP 502/, broken: answers(answering(502)), mended: answers(answering(200)) },
  { code: 'SIETCH118', detail: /HTTP 503/, broken: answers(answering(503)), mended: answers(answering(200)) },
  { code: 'SIETCH129', detail: /HTTP 500/, broken: answers(answering(500)), mended: answers(answering(200)) },
];
