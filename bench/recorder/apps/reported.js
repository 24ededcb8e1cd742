// What the two processes of the recorder's bench share: they say what they took when they are told to end, one JSON line on standard output.
const { writeSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const begun = process.cpuUsage();
let peakMb = 0;
const sample = setInterval(() => {
  peakMb = Math.max(peakMb, process.memoryUsage.rss() / 2 ** 20);
}, 250);
sample.unref();

/** What a timer of so many milliseconds is late by, and so much more, is what is measured. */
const RESOLUTION_MS = 5;
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
loop.enable();
setTimeout(() => loop.reset(), 1000).unref();

// Last of the listeners, so that what a preload does at exit is in the sums.
process.on('exit', () => {
  const { user, system } = process.cpuUsage(begun);
  say({ cpuMs: (user + system) / 1000, peakMb, loopP99: Math.max(0, loop.percentile(99) / 1e6 - RESOLUTION_MS) });
});

/** Calls `close` when the bench says so; the process ends when nothing is left of it. */
exports.endWith = (close) => {
  process.once('message', () => {
    close();
    process.disconnect();
  });
};

exports.ROUTES = (process.env.ROUTES ?? '').split(',');
exports.say = say;

function say(fact) {
  writeSync(1, `${JSON.stringify(fact)}\n`);
}
