// Usage: node --require @sietch/otel/register test/app/service.mjs
// An HTTP service on node:http that logs with pino. Says its port by message and by line; ends by SIGTERM or by a message. See service.cjs.
//   GET /hello            200, logs a line
//   GET /headers          200, the request headers as JSON
//   GET /fetch?to=<url>   what `fetch` of that URL got
//   GET /http?to=<url>    what `http.get` of that URL got
//   GET /own-id           200, sets x-trace-id itself
//   GET /fail             500
//   else                  404
import http, { createServer } from 'node:http';
import pino from 'pino';

const logger = pino();

async function answer(request, response) {
  const url = new URL(request.url, 'http://localhost');
  logger.info({ path: url.pathname }, 'request');
  if (url.pathname === '/hello') return response.end('hello');
  if (url.pathname === '/headers') return response.end(JSON.stringify(request.headers));
  if (url.pathname === '/fetch') return response.end(await (await fetch(url.searchParams.get('to'))).text());
  if (url.pathname === '/http') return http.get(url.searchParams.get('to'), (inner) => inner.pipe(response));
  if (url.pathname === '/own-id') return response.setHeader('x-trace-id', 'mine').end('own');
  response.writeHead(url.pathname === '/fail' ? 500 : 404).end();
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  console.log(`listening on ${port}`);
  process.send?.({ port });
});
for (const event of ['message', 'SIGTERM']) {
  process.once(event, () => {
    process.disconnect?.();
    server.close();
    server.closeIdleConnections();
  });
}
