// Asks a server of this process one request after the other, and prints each answer as a line of JSON. Then closes the server.
const { once } = require('node:events');
const { request } = require('node:http');

/** Not of the app: those of our own, and those that tell the time. */
const LEFT_OUT = new Set(['date', 'x-trace-id', 'keep-alive']);

module.exports = async function ask(server, requests) {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  for (const asked of requests) {
    const [method, path] = asked.split(' ');
    const outgoing = request({ port, host: '127.0.0.1', method, path, agent: false, headers: { 'x-card': '4111111111111111' } });
    outgoing.end();
    const [response] = await once(outgoing, 'response');
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += chunk;
    const headers = Object.entries(response.headers).filter(([name]) => !LEFT_OUT.has(name));
    console.log(JSON.stringify({ asked, status: response.statusCode, headers: headers.sort(), body }));
  }
  server.close();
};
