// What the code of the pages takes from the reader's app, and what a provider, its customers and an operator then do with it. The code of a page may
// use every name that is exported here.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { Redis } from 'ioredis';
import pg from 'pg';

export const app = express();
app.use(express.json());

export const redis = new Redis(process.env['REDIS_URL'] ?? '');
export const pool = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
export const event = { id: 'evt_1', type: 'paid', orderId: 1 };
export const statsd = { timing: (_name: string, _milliseconds: number): void => {} };

export async function processor(received: { id: string }): Promise<void> {
  await redis.set(`seen:${received.id}`, 1);
}

export async function fetchCustomer(id: string, signal: AbortSignal): Promise<{ id: string; status: string }> {
  const response = await fetch(`https://api.example.com/customers/${id}`, { signal });
  const customer: unknown = await response.json();
  return { status: 'unknown', ...Object(customer), id };
}

export function alert(_event: { type: string }): void {}

export function page(_failures: readonly object[], _nextProbeAt: Date | undefined): void {}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.message === 'not found';
}

await pool.query('CREATE TABLE IF NOT EXISTS orders (id integer PRIMARY KEY, paid boolean NOT NULL DEFAULT false)');
await pool.query('INSERT INTO orders (id) VALUES (1) ON CONFLICT DO NOTHING');
await answerInPlaceOfExampleCom();

/** Calls every route that the code has added, waits for what it is to do, and ends the process as a deployment does. */
export async function useAndEnd(): Promise<void> {
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${portOf(server.address())}`;
  for (const { route } of app.router.stack) {
    for (const { method } of route?.stack ?? []) await call(url + route?.path, method);
  }
  server.close();
  await Promise.all([redis.quit(), pool.end()]);
  // Code that has said what is to be done at the end ends by itself.
  if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
  else process.exit(0);
}

async function call(url: string, method: string): Promise<void> {
  const body = method === 'post' ? { body: JSON.stringify(event), headers: { 'content-type': 'application/json' } } : {};
  const response = await fetch(url, { method: method.toUpperCase(), ...body });
  if (!response.ok) throw new Error(`${method} ${url} was answered with ${response.status}`);
  if (method !== 'post') return;
  for (let tries = 0; tries < 200; tries++) {
    const { rows } = await pool.query('SELECT paid FROM orders WHERE id = 1');
    if (rows[0].paid === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the webhook was not processed');
}

async function answerInPlaceOfExampleCom(): Promise<void> {
  const server = createServer((request, response) => {
    response.end(JSON.stringify({ id: request.url?.split('/').at(-1), status: 'active' }));
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const realFetch = globalThis.fetch;
  globalThis.fetch = (input, init) =>
    realFetch(
      typeof input === 'string' ? input.replace('https://api.example.com', `http://127.0.0.1:${portOf(server.address())}`) : input,
      init,
    );
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
