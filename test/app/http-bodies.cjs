// A server that reads and writes bodies in every way, and holds the request for /wait until it is told; one for /handed waits at another server.
const { once } = require('node:events');
const http = require('node:http');
const { pipeline, Readable } = require('node:stream');
const { createGzip } = require('node:zlib');

const TEXT = 'a text that is longer than its compressed form '.repeat(100);

const routes = {
  async '/events'(request, response) {
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.length;
    });
    await once(request, 'end');
    response.end(String(size));
  },
  async '/text'(request, response) {
    request.setEncoding('utf8');
    let text = '';
    for await (const chunk of request) text += chunk;
    response.end(text.toUpperCase());
  },
  '/unread': (_request, response) => response.end('no'),
  '/chunks'(_request, response) {
    response.write('\u00e4');
    response.write(Buffer.from([1, 2, 3]));
    response.end('\u00e4', 'latin1');
  },
  '/declared': (_request, response) => response.writeHead(200, { 'content-length': 5 }).end('hello'),
  '/pipe': (_request, response) => void Readable.from(['one', 'two']).pipe(response),
  '/gzip': (_request, response) => pipeline(Readable.from([TEXT]), createGzip(), response.setHeader('content-encoding', 'gzip'), () => {}),
  '/empty': (_request, response) => response.writeHead(204).end('not sent'),
  '/end-callback': (_request, response) => response.end(() => {}),
  '/wrong'(_request, response) {
    try {
      response.write(17);
    } catch (error) {
      response.end(error.code);
    }
  },
  '/late'(_request, response) {
    response.on('error', () => {});
    response.end('done');
    response.write('too late');
  },
  async '/wait'(_request, response) {
    process.send({ waits: true });
    await once(process, 'message');
    response.end('done');
  },
  '/handed': (request, response) => void inner.emit('request', request, response),
};

const inner = http.createServer((request, response) => routes['/wait'](request, response));
const server = http.createServer((request, response) => routes[request.url](request, response));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.once('disconnect', () => process.exit(0));
