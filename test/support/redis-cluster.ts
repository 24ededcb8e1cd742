// A Redis cluster of three nodes, whose slots can be moved under a client's feet.
import { Redis as Client } from 'ioredis';
import { freePort } from './ports.ts';
import { type Redis, startRedis } from './redis.ts';

export interface ThreeNodeCluster {
  readonly ports: readonly [number, number, number];
  /** The port of the node that serves `key`. */
  portOf(key: string): Promise<number>;
  /** Moves the slot of `key`, which has to be empty, to another node, whose port is returned. Clients learn of it by MOVED. */
  moveSlotOf(key: string): Promise<number>;
  /** Begins such a move: the old node answers ASK for keys it does not have. Returns the port of the new node. */
  beginMoveOf(key: string): Promise<number>;
  stop(): Promise<void>;
}

const SLOTS = [
  [0, 5460],
  [5461, 10922],
  [10923, 16383],
];

export async function startCluster(): Promise<ThreeNodeCluster> {
  const nodes = await Promise.all([startNode(), startNode(), startNode()]);
  const clients = nodes.map(({ port }) => new Client(port, '127.0.0.1'));
  const [first, second, third] = nodes;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three nodes');
  for (const [index, client] of clients.entries()) {
    await client.cluster('ADDSLOTSRANGE', ...(SLOTS[index] ?? []));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    await client.cluster('MEET', '127.0.0.1', first.port, first.busPort);
  }
  await until(async () => {
    const infos = await Promise.all(clients.map((client) => client.cluster('INFO')));
    const slots = await Promise.all(clients.map((client) => client.cluster('SLOTS')));
    return infos.every((info) => info.includes('cluster_state:ok')) && slots.every((ranges) => ranges.length === 3);
  });
  const ids = await Promise.all(clients.map((client) => client.cluster('MYID')));

  /** The indexes of the node that has the slot of `key` and of the one that comes next. */
  async function owners(key: string): Promise<{ slot: number; from: number; to: number }> {
    const slot = Number(await clients[0]?.cluster('KEYSLOT', key));
    const ranges = (await clients[0]?.cluster('SLOTS')) ?? [];
    const range = ranges.find(([start, end]) => Number(start) <= slot && slot <= Number(end));
    const from = nodes.findIndex(({ port }) => port === Number(Array.isArray(range?.[2]) ? range[2][1] : 0));
    return { slot, from, to: (from + 1) % 3 };
  }

  return {
    ports: [first.port, second.port, third.port],
    async portOf(key) {
      return Number(nodes[(await owners(key)).from]?.port);
    },
    async moveSlotOf(key) {
      const { slot, from, to } = await owners(key);
      for (const index of [to, from, 3 - from - to]) await clients[index]?.call('CLUSTER', 'SETSLOT', slot, 'NODE', String(ids[to]));
      return Number(nodes[to]?.port);
    },
    async beginMoveOf(key) {
      const { slot, from, to } = await owners(key);
      await clients[to]?.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(ids[from]));
      await clients[from]?.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(ids[to]));
      return Number(nodes[to]?.port);
    },
    async stop() {
      for (const client of clients) client.disconnect();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function startNode(): Promise<Redis & { busPort: number }> {
  const busPort = await freePort();
  const settings = { databases: 1, 'cluster-enabled': 'yes', 'cluster-port': busPort, 'cluster-announce-ip': '127.0.0.1' };
  const node = await startRedis({ own: true, settings });
  return Object.assign(node, { busPort });
}

async function until(condition: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`The cluster was not ready within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
