// An OTLP/HTTP endpoint that keeps the bytes it gets, unpacked but not read: what is looked for might be anywhere in them.

import { createServer, type Server } from 'node:http';
import { gunzipSync } from 'node:zlib';

export interface OtlpSink {
  url: string;
  /** All bodies so far, each byte one character. */
  text(): string;
  close(): void;
}

/** Takes POSTs to any path, so it can stand for other things that get telemetry too, such as an alert webhook. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      bodies.push((request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('latin1'));
      const type = request.headers['content-type'] ?? '';
      response.setHeader('content-type', type).end(type.includes('json') ? '{}' : '');
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    text: () => bodies.join('\n'),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
