// Usage: REDIS_URL=redis://… node --require @sietch/otel/register test/app/bull/jobs.cjs <folder of bull>
const { createRequire } = require('node:module');
const { run } = require('./scenarios.cjs');

void run(createRequire(`${process.argv[2]}/`)('bull'));
