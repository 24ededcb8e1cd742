// Parses one good and one bad document in a span, and prints what the app sees of it.
const { trace } = require('@opentelemetry/api');
const { parse } = require('yaml');

trace.getTracer('app').startActiveSpan('load', (span) => {
  const { answer } = parse('answer: 42');
  try {
    parse('canary: [');
  } catch (error) {
    console.log(answer, error.name, parse.name, parse.length);
  }
  span.end();
});
