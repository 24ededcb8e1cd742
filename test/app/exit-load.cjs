// Ends spans when told to, and tells how much memory it holds then.
// Usage: started by test/sdk/overload.test.ts with an IPC channel; messages { spans, bytes }.
const { trace } = require('@opentelemetry/api');

const tracer = trace.getTracer('exit-load');

process.on('message', ({ spans, bytes }) => {
  let left = spans;
  const some = () => {
    for (let i = 0; i < 100 && left > 0; i++, left--) {
      // A text of its own each time, as a query or URL is.
      tracer.startSpan('work', { attributes: { text: String(left).padEnd(bytes, 'x') } }).end();
    }
    if (left > 0) return setImmediate(some);
    global.gc();
    process.send({ done: spans, heapMB: process.memoryUsage().heapUsed / 1e6 });
  };
  some();
});
process.send('ready');
