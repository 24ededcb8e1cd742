// An app that starts an OpenTelemetry SDK of its own; preloaded, it does so before the distribution.
// Usage: node --require ../../dist/register.js test/app/api-second-sdk.cjs
//        node --require ./test/app/api-second-sdk.cjs --require ../../dist/register.js test/app/api-second-sdk.cjs
const { trace } = require('@opentelemetry/api');
const { SimpleSpanProcessor, TracerProvider } = require('@opentelemetry/sdk-trace');

const exporter = {
  export: (spans, done) => {
    console.log('exported by the second:', spans.map(({ name }) => name).join());
    done({ code: 0 });
  },
  shutdown: async () => {},
};
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
// Preloaded, this file is not run again as the program: the span waits until all has started.
setImmediate(() => trace.getTracer('app').startSpan('of the app').end());
