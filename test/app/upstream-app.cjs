// An app under upstream's SDK and instrumentation alone, without ours: it answers one request of its own, and ends.
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-grpc');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { NodeSDK } = require('@opentelemetry/sdk-node');

const sdk = new NodeSDK({
  serviceName: 'upstream',
  traceExporter: new OTLPTraceExporter(),
  instrumentations: [new HttpInstrumentation()],
});
sdk.start();

const http = require('node:http');

const server = http.createServer((_request, response) => response.end('hello'));
server.listen(0, '127.0.0.1', () => {
  http.get({ port: server.address().port, path: '/orders', agent: false }, (response) => {
    response.resume().on('end', () => {
      server.close();
      void sdk.shutdown();
    });
  });
});
