// A library of the app with a copy of the API of its own.
const { trace } = require('@opentelemetry/api');

exports.work = () => trace.getTracer('api-library').startSpan('library').end();
