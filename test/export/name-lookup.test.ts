import { createSocket, type Socket } from 'node:dgram';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createLookup, type LookupConfig } from '../../src/export/name-lookup.js';

const folder = mkdtempSync(join(tmpdir(), 'sietch-otel-dns-'));
afterAll(() => rmSync(folder, { recursive: true }));
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

const A = 1;

/** A name server that knows these names; `undefined` for one that does not answer. Returns its address and what it was asked. */
async function startServer(known: Readonly<Record<string, string>> | undefined): Promise<{ servers: string[]; asked: string[] }> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = question(query);
    if (type === A) asked.push(name);
    if (known !== undefined) socket.send(answer(query, end, type === A ? known[name] : undefined, name in known), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { servers: [`127.0.0.1:${socket.address().port}`], asked };
}

function question(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** RFC 1035, section 4.1. */
function answer(query: Buffer, end: number, address: string | undefined, exists: boolean): Buffer {
  const head = Buffer.from(query.subarray(0, end));
  head.writeUInt16BE(exists ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(address === undefined ? 0 : 1, 6);
  head.writeUInt32BE(0, 8);
  if (address === undefined) return head;
  const record = Buffer.from([0xc0, 0x0c, 0, A, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]);
  return Buffer.concat([head, record]);
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function look(hostname: string, config: Partial<LookupConfig>, options: LookupOptions = {}): Promise<string | LookupAddress[]> {
  const lookup = createLookup({ timeoutMs: 2000, hostsFile: file('hosts', ''), resolverFile: file('resolv.conf', ''), ...config });
  return new Promise((resolve, reject) => {
    lookup(hostname, options, (error, address) => (error === null ? resolve(address) : reject(error)));
  });
}

test.runIf(process.platform === 'linux')('asks the name servers', async () => {
  const { servers } = await startServer({ 'collector.example': '192.0.2.7' });
  expect(await look('collector.example', { servers })).toBe('192.0.2.7');
  expect(await look('collector.example.', { servers })).toBe('192.0.2.7');
  expect(await look('collector.example', { servers }, { all: true })).toEqual([{ address: '192.0.2.7', family: 4 }]);
});

test.runIf(process.platform === 'linux')('name servers that do not answer are given up', async () => {
  const { servers } = await startServer(undefined);
  await expect(look('collector.example', { servers, timeoutMs: 100 })).rejects.toMatchObject({ code: 'ETIMEOUT' });
});

test.runIf(process.platform === 'linux')('search domains, as in Kubernetes', async () => {
  const { servers, asked } = await startServer({ 'otel.monitoring.svc.cluster.local': '192.0.2.8' });
  const resolverFile = file('k8s', 'search shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5 edns0\n');
  expect(await look('otel.monitoring', { servers, resolverFile })).toBe('192.0.2.8');
  expect(asked).toEqual(['otel.monitoring.shop.svc.cluster.local', 'otel.monitoring.svc.cluster.local']);
});

test('what they do not know, the system is asked for; so are addresses and names of the hosts file', async () => {
  const { servers, asked } = await startServer({});
  await expect(look('no-such-host.invalid', { servers })).rejects.toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
  asked.length = 0;
  expect(await look('127.0.0.1', { servers })).toBe('127.0.0.1');
  expect(await look('localhost', { servers }, { family: 4 })).toBe('127.0.0.1');
  await look('in-hosts.invalid', { servers, hostsFile: file('hosts2', '127.0.0.1 other in-hosts.invalid # note\n') }).catch(() => {});
  expect(asked).toEqual([]);
});
