// Usage: node test/app/hello.mjs [exit code]
// Prints lines, echoes messages, and ends when told to or when its first argument says so.
console.log(`hello from node ${process.version}`);
console.log(`endpoint ${process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'none'}`);
console.error('a line of stderr');
const code = process.argv[2];
if (code !== undefined) process.exit(Number(code));
process.on('message', (message) => process.send({ echo: message }));
process.on('SIGTERM', () => {
  console.log('got SIGTERM');
  process.exit(3);
});
setInterval(() => {}, 1000);
console.log('ready');
