// Each thing that can be wrong at the other end, by real servers that are wrong in that way.
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkCollector } from '../../src/doctor/collector-check.js';
import { startReceiver } from '../support/otlp.ts';
import { freePort } from '../support/ports.ts';
import { answering, CERT, grpcServer, Servers, TLS } from './servers.ts';

const TIMEOUT_MS = 300;

const servers = new Servers();
afterEach(() => servers.close());
const listen = (server: Server): Promise<string> => servers.listen(server);

async function check(endpoint: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const findings = await checkCollector({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, ...env }, 'TRACES', TIMEOUT_MS);
  return findings.map(({ code }) => code);
}

test.for(['http/protobuf', 'http/json'])('a collector that takes %s', async (protocol) => {
  const receiver = await startReceiver();
  expect(await check(receiver.url, { OTEL_EXPORTER_OTLP_PROTOCOL: protocol })).toEqual([]);
  await receiver.close();
});

test('SIETCH110: a name that does not exist', async () => {
  expect(await checkCollector({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://no-such-host.invalid:4318' }, 'TRACES', 10_000)).toMatchObject([
    { code: 'SIETCH110' },
  ]);
});

test('SIETCH111: nobody listens', async () => {
  expect(await check(`http://127.0.0.1:${await freePort()}`)).toEqual(['SIETCH111']);
});

test('SIETCH112: connections are taken and nothing is answered', async () => {
  expect(await check(`http://${await listen(createTcp(() => {}))}`)).toEqual(['SIETCH112']);
});

test('SIETCH113: a certificate that is not trusted, and with its authority named', async () => {
  const address = await listen(createHttps(TLS, answering(200)));
  expect(await check(`https://${address}`)).toEqual(['SIETCH113']);
  expect(await check(`https://${address}`, { OTEL_EXPORTER_OTLP_CERTIFICATE: CERT })).toEqual([]);
});

test('SIETCH114: TLS on one side only, either way', async () => {
  expect(await check(`http://${await listen(createHttps(TLS, answering(200)))}`)).toEqual(['SIETCH114']);
  expect(await check(`https://${await listen(createHttp(answering(200)))}`)).toEqual(['SIETCH114']);
});

test.for([
  ['SIETCH115', 401],
  ['SIETCH115', 403],
  ['SIETCH116', 404],
  ['SIETCH116', 405],
  ['SIETCH117', 400],
  ['SIETCH117', 415],
  ['SIETCH118', 429],
  ['SIETCH118', 503],
  ['SIETCH119', 302],
  ['SIETCH129', 500],
  ['SIETCH154', 502],
  ['SIETCH154', 504],
] as const)('%s: HTTP %i', async ([code, status]) => {
  expect(await check(`http://${await listen(createHttp(answering(status)))}`)).toEqual([code]);
});

test('SIETCH115: and with the right header', async () => {
  const address = await listen(
    createHttp((request, response) => answering(request.headers['authorization'] === 'Bearer a b' ? 200 : 401)(request, response)),
  );
  expect(await check(`http://${address}`)).toEqual(['SIETCH115']);
  expect(await check(`http://${address}`, { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20a%20b' })).toEqual([]);
});

test('SIETCH116: a path too many, and without it', async () => {
  const receiver = await startReceiver();
  expect(await check(`${receiver.url}/v1/traces`)).toEqual(['SIETCH116']);
  expect(await check(receiver.url)).toEqual([]);
  await receiver.close();
});

test('SIETCH119: a web page, and something that speaks another language', async () => {
  expect(await check(`http://${await listen(createHttp(answering(200, { 'content-type': 'text/html' })))}`)).toEqual(['SIETCH119']);
  const chatty = createTcp((socket) => {
    socket.on('error', () => {});
    socket.end('220 mail.example ESMTP\r\n');
  });
  expect(await check(`http://${await listen(chatty)}`)).toEqual(['SIETCH119']);
});

test('SIETCH126: HTTP to a port that speaks gRPC, and with gRPC', async () => {
  const address = await listen(grpcServer(0));
  expect(await check(`http://${address}`)).toEqual(['SIETCH126']);
  expect(await check(`http://${address}`, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual([]);
});

test('SIETCH127: gRPC to a port that does not speak it', async () => {
  const receiver = await startReceiver();
  expect(await check(receiver.url, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual(['SIETCH127']);
  await receiver.close();
});

test.for([
  ['SIETCH115', 16],
  ['SIETCH115', 7],
  ['SIETCH116', 12],
  ['SIETCH118', 14],
  ['SIETCH118', 8],
  ['SIETCH129', 13],
] as const)('%s: gRPC status %i', async ([code, status]) => {
  expect(await check(`http://${await listen(grpcServer(status))}`, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual([code]);
});

test('gRPC: nobody listens, nobody answers, no such name', async () => {
  const grpc = { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(await check(`http://127.0.0.1:${await freePort()}`, grpc)).toEqual(['SIETCH111']);
  expect(await check(`http://${await listen(createTcp(() => {}))}`, grpc)).toEqual(['SIETCH112']);
  expect(await check(`127.0.0.1:${await freePort()}`, { ...grpc, OTEL_EXPORTER_OTLP_INSECURE: 'true' })).toEqual(['SIETCH111']);
});

test('SIETCH128: clocks that disagree, beside what else is wrong', async () => {
  const date = new Date(Date.now() - 3_600_000).toUTCString();
  expect(await check(`http://${await listen(createHttp(answering(200, { date })))}`)).toEqual(['SIETCH128']);
  expect(await check(`http://${await listen(createHttp(answering(401, { date })))}`)).toEqual(['SIETCH115', 'SIETCH128']);
});
