// Usage: REDIS_URL=redis://… node --require @sietch/otel/register test/app/bull/jobs.mjs <folder of bull>
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { run } from './scenarios.cjs';

const { default: Queue } = await import(pathToFileURL(createRequire(`${process.argv[2]}/`).resolve('bull')).href);
await run(Queue);
