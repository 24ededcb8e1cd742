// Requests that end in odd ways: the server fails, the client goes away before and in the middle of the answer, fetch is aborted with anything.
// Usage: node --require @sietch/otel/register test/app/odd-ends.cjs
const http = require('node:http');

const server = http.createServer((request, response) => {
  if (request.url === '/unavailable') response.writeHead(503).end();
  else if (request.url === '/missing') response.writeHead(404).end();
  else if (request.url === '/half') response.write('half');
  else if (request.url === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
});

const closed = (path) =>
  new Promise((resolve) =>
    server.prependOnceListener('request', (request, response) => request.url === path && response.once('close', resolve)),
  );

async function main() {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  for (const path of ['/unavailable', '/missing']) {
    await new Promise((resolve) => http.get(url + path, (response) => response.resume().on('end', resolve)));
  }
  for (const path of ['/half', '/events']) {
    const gone = closed(path);
    const request = http.get(url + path, (response) => response.once('data', () => request.destroy()).on('error', () => {}));
    await gone;
  }
  for (const reason of [new DOMException('late', 'TimeoutError'), null, 'card 4111', 5]) {
    const controller = new AbortController();
    const gone = closed('/silent');
    server.once('request', () => controller.abort(reason));
    await fetch(`${url}/silent`, { signal: controller.signal }).catch(() => {});
    await gone;
  }
  server.close();
  server.closeAllConnections();
}

void main();
