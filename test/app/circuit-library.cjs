// Usage: node [--require ./dist/register.js] test/app/circuit-library.cjs
// A CircuitBreaker of the library, and the metrics as the process shows them: the preload's, or those of an SDK of the app's own.
const { createServer } = require('node:http');

if (process.argv[2] === 'own-sdk') {
  const { metrics } = require('@opentelemetry/api');
  const { MeterProvider } = require('@opentelemetry/sdk-metrics');
  const { PrometheusExporter } = require('@opentelemetry/exporter-prometheus');
  const port = Number(process.env.OTEL_EXPORTER_PROMETHEUS_PORT);
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [new PrometheusExporter({ host: '127.0.0.1', port })] }));
}
const { CircuitBreaker } = require('@sietch/otel/circuit');

async function main() {
  const server = createServer((request, response) => response.writeHead(request.url === '/bad' ? 500 : 200).end('answer'));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  const breaker = new CircuitBreaker(
    async ({ signal }, path) => {
      const response = await fetch(`${base}${path}`, { signal });
      if (!response.ok) throw new Error(`secret ${response.status}`);
      return response.text();
    },
    { name: 'paddle', volumeThreshold: 2, fallback: () => 'instead', onEvent: ({ type }) => process.send({ told: type }) },
  );
  const answers = [];
  for (const path of ['/good', '/bad', '/bad', '/bad']) answers.push(await breaker.fire(path));
  process.send({ fired: 'ready', result: answers.join(' '), code: String(breaker.getPrometheusState()) });
}

void main();
