// Traces of SPANS spans each, one after another, through the API alone: a server span with ten attributes, and below it spans with three.
const { OPERATIONS, answerAfter, serve } = require('../../scenarios/measured.js');
const { ROOT_CONTEXT, SpanKind, trace } = require('@opentelemetry/api');

const spans = Number(process.env.SPANS);
const tracer = trace.getTracer('bench');

const request = (index) => ({
  'http.request.method': 'GET',
  'url.path': `/accounts/${index}`,
  'url.scheme': 'http',
  'server.address': '127.0.0.1',
  'server.port': 8080,
  'client.address': '127.0.0.1',
  'network.protocol.version': '1.1',
  'user_agent.original': 'bench/1.0',
  'http.route': '/accounts/:id',
  'http.response.status_code': 200,
});

async function run() {
  for (let i = 0; i < OPERATIONS; i += spans) {
    const root = tracer.startSpan('GET /accounts/:id', { kind: SpanKind.SERVER, attributes: request(i) }, ROOT_CONTEXT);
    const below = trace.setSpan(ROOT_CONTEXT, root);
    for (let child = 1; child < spans; child++) {
      tracer.startSpan('load', { attributes: { 'code.function.name': 'load', 'app.account': i, 'app.kind': 'gold' } }, below).end();
    }
    root.end();
  }
}

serve(answerAfter(run));
