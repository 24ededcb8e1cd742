import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort, onFreePort } from './ports.ts';

test('a free port lies below those of outgoing connections, and can be listened on', async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  await new Promise<void>((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
  });
});

test('a port taken in the meantime is tried again elsewhere; another failure, or a port asked for, is not', async () => {
  const tried: number[] = [];
  const started = onFreePort(undefined, async (port) => {
    tried.push(port);
    if (tried.length < 3) throw new Error('bind: Address already in use');
    return port;
  });
  expect(await started).toBe(tried[2]);

  let calls = 0;
  const fail = (message: string) => async (): Promise<never> => {
    calls++;
    throw new Error(message);
  };
  await expect(onFreePort(undefined, fail('no space left'))).rejects.toThrow('no space left');
  await expect(onFreePort(20_000, fail('Address already in use'))).rejects.toThrow('already in use');
  expect(calls).toBe(2);
});
