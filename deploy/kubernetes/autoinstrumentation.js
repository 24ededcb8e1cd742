// What the OpenTelemetry Operator preloads: NODE_OPTIONS=--require /otel-auto-instrumentation-nodejs/autoinstrumentation.js
require('@sietch/otel/register');
