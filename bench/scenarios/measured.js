// What the workloads share: when measuring begins and ends, and the report of it, one JSON line on standard output.
const { monitorEventLoopDelay, performance, PerformanceObserver } = require('node:perf_hooks');

const userCodeMs = performance.now();
const { readFileSync, writeSync } = require('node:fs');

const warmUp = Number(process.env.WARM_UP ?? 0);
const requests = Number(process.env.REQUESTS ?? 0);
let begunAt = 0;
let begunCpu = { user: 0, system: 0 };
let wallMs = 0;
let watch;

/** How many operations one request asks for. */
exports.OPERATIONS = Number(process.env.OPERATIONS ?? 1);

// Last of the listeners, so that what a preload does at exit is in the sums.
process.on('exit', () => {
  const { user, system } = process.cpuUsage(begunCpu);
  const peakMb = peak() / 1024;
  say({ cpuMs: (user + system) / 1000, wallMs, userCodeMs, peakMb, ...(watch === undefined ? {} : { watched: watch.read() }) });
});

/** On Linux `maxRSS` begins with that of the process that started this one: https://man7.org/linux/man-pages/man2/getrusage.2.html */
function peak() {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== 'linux') return maxRSS;
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? maxRSS);
}

/** Listens on a free port, and ends the process once it has answered all requests of warm-up and measurement. */
exports.serve = (handler, close, announce = (port) => say({ port })) => {
  let answered = 0;
  const server = require('node:http').createServer((request, response) => {
    response.once('finish', () => {
      answered += 1;
      if (answered === warmUp) begin();
      if (answered === warmUp + requests) end(server, close);
    });
    handler(request, response);
  });
  server.listen(0, '127.0.0.1', () => announce(server.address().port));
};

/** A handler that answers once `run` has. */
exports.answerAfter = (run) => (_request, response) => {
  run().then(
    () => response.end('done'),
    (error) => {
      response.statusCode = 500;
      response.end(String(error));
    },
  );
};

/** For what goes wrong before the workload listens. */
exports.fail = (error) => {
  console.error(error);
  process.exit(1);
};

function begin() {
  begunCpu = process.cpuUsage();
  begunAt = performance.now();
  if (process.env.WATCH === '1') watch = startWatch();
}

/** How late the event loop is, and what the garbage collector takes. */
function startWatch() {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  let collected = 0;
  let longestCollection = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collected += duration;
      longestCollection = Math.max(longestCollection, duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  return {
    stop: () => {
      delay.disable();
      observer.disconnect();
    },
    read: () => ({ loopP99: delay.percentile(99) / 1e6, loopMax: delay.max / 1e6, collected, longestCollection }),
  };
}

function end(server, close) {
  wallMs = performance.now() - begunAt;
  watch?.stop();
  server.close();
  close?.();
}

function say(fact) {
  writeSync(1, `${JSON.stringify(fact)}\n`);
}
