// Usage: REDIS_URL=redis://… DATABASE_URL=postgres://… node --require @sietch/otel/register test/app/es-module-program.mjs
// required-es-module.mjs in a program that is an ES module itself; imports Express too, which loads all its files by itself.
import 'express';
import { run } from './required-es-module.mjs';

await run(process.env.REDIS_URL, process.env.DATABASE_URL);
