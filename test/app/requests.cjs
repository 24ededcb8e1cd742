// Usage: node --require @sietch/otel/register test/app/requests.cjs <url>
// Sends requests of many shapes to <url> (http), each in a span named after it, prints what came back and ends.
const http = require('node:http');
const { once } = require('node:events');
const { trace } = require('@opentelemetry/api');
const undici = require('undici');

const [, , base] = process.argv;
const { hostname, port } = new URL(base);
const QUERY = 'token=geheim&page=2&flag';

async function read(outgoing) {
  const [response] = await once(outgoing, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return body;
}

const requests = {
  'http-url': () => read(http.get(`${base}/a?${QUERY}#part`)),
  'http-url-object': () => read(http.get(new URL(`${base}/a?${QUERY}`))),
  'http-options': () => read(http.get({ hostname, port, path: `/a?${QUERY}`, headers: { 'X-Trace-Id': 'of-the-app' } })),
  'http-credentials': () => read(http.get(`http://user:geheim@${hostname}:${port}/a?${QUERY}`)),
  'http-header-list': () =>
    read(http.get({ hostname, port, path: '/a', headers: ['x-one', '1', 'x-two', '2', 'x-one', '3', 'host', 'h'] })),
  fetch: async () => (await fetch(`${base}/a?${QUERY}`)).text(),
  'fetch-own-id': async () => (await fetch(`${base}/a?${QUERY}`, { headers: { 'x-trace-id': 'of-the-app' } })).text(),
  undici: async () => (await undici.request(`${base}/a?${QUERY}`, { headers: { 'x-custom': 'c', authorization: 'geheim' } })).body.text(),
  'http-refused': () => read(http.get(`http://127.0.0.1:2/a?${QUERY}`)).catch((error) => error.code),
  'fetch-refused': () => fetch(`http://127.0.0.1:2/a?${QUERY}`).catch((error) => error.cause.code),
  'fetch-aborted': () => fetch(`${base}/slow`, { signal: AbortSignal.abort(new Error('card 4111')) }).catch((error) => error.message),
  'fetch-aborted-later': async () => {
    const controller = new AbortController();
    const answer = fetch(`${base}/slow`, { signal: controller.signal });
    setTimeout(() => controller.abort(new RangeError('card 4111')), 50);
    return answer.catch((error) => error.message);
  },
  'http-destroyed': async () => {
    const outgoing = http.get(`${base}/slow`);
    setTimeout(() => outgoing.destroy(new RangeError('card 4111')), 50);
    return read(outgoing).catch((error) => error.message);
  },
};

async function main() {
  const results = {};
  const tracer = trace.getTracer('app');
  for (const [name, send] of Object.entries(requests)) {
    results[name] = await tracer.startActiveSpan(name, async (span) => {
      const result = await send();
      span.end();
      return result;
    });
  }
  console.log(JSON.stringify(results));
  process.disconnect?.();
}

void main();
