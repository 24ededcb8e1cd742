// As yaml-app.cjs, for an ES module.
import { trace } from '@opentelemetry/api';
import { parse } from 'yaml';

trace.getTracer('app').startActiveSpan('load', (span) => {
  const { answer } = parse('answer: 42');
  try {
    parse('canary: [');
  } catch (error) {
    console.log(answer, error.name, parse.name, parse.length);
  }
  span.end();
});
