// Scrapes an app under the preload, as Prometheus would.
import { type IncomingHttpHeaders, request } from 'node:http';
import type { App } from '../support/app.ts';
import { answering } from '../support/eventually.ts';

export interface Scraped {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  text: string;
}

export interface ScrapeOptions {
  method?: string;
  headers?: Record<string, string>;
}

export const ACCEPT_OPENMETRICS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** The URL in the start-up line, once the endpoint listens, which it does after that line. */
export async function metricsUrlOf(app: App): Promise<string> {
  const [, url = ''] = await app.waitForLine(/metrics to (http:\/\/[^ ,]+)/);
  await answering(new URL('/', url).href);
  return url;
}

export function scrape(url: string, { method = 'GET', headers = {} }: ScrapeOptions = {}): Promise<Scraped> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The values of all series of `name` in either text format, by their labels. */
export function seriesOf(text: string, name: string): Record<string, number> {
  const series: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*?)\})? (\S+)/.exec(line.replace(/ # \{.*$/, ''));
    if (match?.[1] === name) series[match[2] ?? ''] = Number(match[3]?.replace('Inf', 'Infinity'));
  }
  return series;
}
