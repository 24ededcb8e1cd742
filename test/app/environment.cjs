// Usage: node [--require @sietch/otel/register] test/app/environment.cjs
// Prints its environment and what of OpenTelemetry is loaded, as one line of JSON.
const loaded = Object.keys(require.cache).filter((file) => /@opentelemetry|import-in-the-middle|bundle-loader/.test(file));
console.log(JSON.stringify({ env: process.env, loaded }));
process.disconnect?.();
