// Usage: node --require @sietch/otel/register test/app/w3c-express.cjs fetch|http
// The service under test of W3C's Trace Context suite (github.com/w3c/trace-context, test/): POST /test with [{ url, arguments }] posts the arguments to
// each url, by fetch or by node:http. Says its port by message; ends by SIGTERM. See w3c-fastify.mjs.
const http = require('node:http');
const express = require('express');

const [client] = process.argv.slice(2);
const headers = { 'content-type': 'application/json' };

function postByHttp(url, body) {
  return new Promise((resolve, reject) => {
    const outgoing = http.request(url, { method: 'POST', headers }, (response) => response.resume().on('end', resolve));
    outgoing.on('error', reject).end(body);
  });
}

const post = client === 'http' ? postByHttp : async (url, body) => (await fetch(url, { method: 'POST', headers, body })).text();

const app = express();
app.use(express.json());
app.post('/test', async (request, response) => {
  for (const { url, arguments: inner } of request.body) await post(url, JSON.stringify(inner));
  response.end('done');
});
const server = app.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.once('SIGTERM', () => {
  process.disconnect?.();
  server.close();
  server.closeAllConnections();
});
