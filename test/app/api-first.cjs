// Preloaded before the distribution: uses its copy of the API, which so makes the global object that all copies share.
// Usage: node --require ./api-first.cjs --require …/register.js app.cjs
const { diag, DiagLogLevel } = require('@opentelemetry/api');

diag.setLogger({ error() {}, warn() {}, info() {}, debug() {}, verbose() {} }, DiagLogLevel.WARN);
