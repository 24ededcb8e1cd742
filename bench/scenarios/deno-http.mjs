// http.js for Deno, with its own server; measured as in measured.js.
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const userCodeMs = performance.now();
const warmUp = Number(process.env.WARM_UP);
const requests = Number(process.env.REQUESTS);
let answered = 0;
let begunAt = 0;
let begunCpu;
let wallMs = 0;

const say = (fact) => Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(fact)}\n`));

const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: ({ port }) => say({ port }) }, () => {
  answered += 1;
  if (answered === warmUp) {
    begunCpu = process.cpuUsage();
    begunAt = performance.now();
  }
  if (answered === warmUp + requests) {
    wallMs = performance.now() - begunAt;
    setTimeout(() => server.shutdown(), 0);
  }
  return new Response('hello', { headers: { 'content-type': 'text/plain' } });
});

await server.finished;
const { user, system } = process.cpuUsage(begunCpu);
say({ cpuMs: (user + system) / 1000, wallMs, userCodeMs, peakMb: process.resourceUsage().maxRSS / 1024 });
