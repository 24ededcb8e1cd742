// Usage: node test/app/node-flags.cjs <package>…
// Loads the packages, takes and sends one request by node:http, and prints what it got. Whether `fetch` has been loaded by then is printed too.
const http = require('node:http');

for (const name of process.argv.slice(2)) require(name);
const server = http.createServer((_request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => {
  http.get({ host: '127.0.0.1', port: server.address().port }, (response) => {
    response.resume().on('end', () => {
      console.log(response.statusCode, process.moduleLoadList.includes('NativeModule internal/deps/undici/undici'));
      server.close();
    });
  });
});
