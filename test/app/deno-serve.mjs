// Usage: OTEL_DENO=true deno run -A test/app/deno-serve.mjs
// Serves one request of its own, and ends.
const server = Deno.serve({ port: 0, hostname: '127.0.0.1' }, () => new Response('ok'));
await (await fetch(`http://127.0.0.1:${server.addr.port}`)).text();
await server.shutdown();
