// Runs an app of test/app/ that serves HTTP, and asks it things. The app says where it listens by the message { port }.

import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { type App, type AppOptions, runApp } from './app.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface AskOptions {
  method?: string;
  /** An array sends the header once for each value. */
  headers?: OutgoingHttpHeaders;
  body?: string;
}

export interface WebApp {
  app: App;
  url: string;
  /** Sends one request and reads the answer; rejects after 10 s. */
  ask(path: string, options?: AskOptions): Promise<Answer>;
}

/** @param startTimeoutMs how long it may take until it listens. */
export async function runWebApp(file: string, options: AppOptions = {}, startTimeoutMs?: number): Promise<WebApp> {
  const app = runApp(file, options);
  const port = await app.waitForMessage(portOf, startTimeoutMs);
  const url = `http://127.0.0.1:${port}`;
  return { app, url, ask: (path, askOptions) => ask(`${url}${path}`, askOptions) };
}

function portOf(message: unknown): number | undefined {
  return typeof message === 'object' && message !== null && 'port' in message ? Number(message.port) : undefined;
}

/** Sends one request, by a connection of its own so that none waits for another, and reads the answer. */
export function ask(url: string, { method = 'GET', headers = {}, body }: AskOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`No answer from ${url} within 10 s`)));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
