// What log-lines.cjs and log-lines.mjs write.
const { context, propagation, trace } = require('@opentelemetry/api');
const kinds = { winston: require('./winston-kinds.cjs').kinds, bunyan: require('./bunyan-kinds.cjs').kinds };

// Frames of ours are further down.
Error.stackTraceLimit = 1;

exports.write = (name, library) => {
  const writers = kinds[name](library);
  const all = (where) => {
    for (const [kind, line] of Object.entries(writers)) line(`${where} ${kind}`);
  };
  all('outside');
  const baggage = propagation.createBaggage({ 'sietch.correlation_id': { value: 'order-12' } });
  context.with(propagation.setBaggage(context.active(), baggage), () => {
    trace.getTracer('app').startActiveSpan('work', (span) => {
      all('inside');
      span.end();
    });
  });
};
