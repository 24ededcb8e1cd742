// A preload that puts the clock of its process ten seconds ahead.
const real = Date.now;
Date.now = () => real() + 10_000;
const { timeOrigin } = performance;
Object.defineProperty(performance, 'timeOrigin', { value: timeOrigin + 10_000 });
