// Where every candidate sends its spans: an OTLP/HTTP receiver, a Datadog agent and a Sentry in one. It answers at once and decodes when asked, after
// the measurement, so that decoding does not compete with the load.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { readTelemetry } from '../src/view/otlp-telemetry.js';
import type { Span } from '../src/view/telemetry.js';
import { countDatadogSpans } from './msgpack.ts';
import { countSentrySpans } from './sentry-envelope.ts';

export interface Received {
  readonly spans: number;
  readonly bytes: number;
}

export interface Sink {
  readonly url: string;
  /** What has arrived since the last call, once nothing more is on its way. */
  take(): Promise<Received>;
  /** The spans of it, over OTLP alone. */
  takeSpans(): Promise<readonly Span[]>;
  close(): void;
}

interface Body {
  readonly path: string;
  readonly encoding: string | undefined;
  readonly bytes: Buffer;
}

/** For what is in a socket's buffer when its sender has ended. */
const SETTLE_MS = 30;
/** Followed by the parameters of the DSN's key. */
const SENTRY_PATH = '/api/1/envelope/';

export async function startSink(): Promise<Sink> {
  const bodies: Body[] = [];
  let reading = 0;
  const server = createServer((request, response) => {
    reading += 1;
    readBody(request)
      .then((bytes) => {
        bodies.push({ path: request.url ?? '', encoding: request.headers['content-encoding'], bytes });
        answer(request, response);
      })
      .catch(() => response.destroy())
      .finally(() => {
        reading -= 1;
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const settled = async () => {
    do await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    while (reading > 0);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    async take() {
      await settled();
      return count(bodies.splice(0));
    },
    async takeSpans() {
      await settled();
      return bodies.splice(0).flatMap((body) => (body.path === '/v1/traces' ? spansOf(body) : []));
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? '';
  if (path.startsWith('/v1/')) response.setHeader('content-type', 'application/x-protobuf').end();
  else if (path === '/v0.4/traces') response.setHeader('content-type', 'application/json').end('{"rate_by_service":{}}');
  else if (path.startsWith(SENTRY_PATH)) response.setHeader('content-type', 'application/json').end('{}');
  else response.writeHead(404).end();
}

function count(bodies: readonly Body[]): Received {
  let spans = 0;
  let bytes = 0;
  for (const body of bodies) {
    if (body.path === '/v1/traces') spans += spansOf(body).length;
    else if (body.path === '/v0.4/traces') spans += countDatadogSpans(contentOf(body));
    else if (body.path.startsWith(SENTRY_PATH)) spans += countSentrySpans(contentOf(body).toString());
    else continue;
    bytes += body.bytes.length;
  }
  return { spans, bytes };
}

function spansOf(body: Body): readonly Span[] {
  return readTelemetry('traces', 'protobuf', contentOf(body)).spans;
}

function contentOf({ encoding, bytes }: Body): Buffer {
  return encoding === 'gzip' ? gunzipSync(bytes) : bytes;
}
