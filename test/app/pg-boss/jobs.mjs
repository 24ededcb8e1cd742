// Usage: DATABASE_URL=postgres://… node --require @sietch/otel/register jobs.mjs
// Copied beside the node_modules that holds pg-boss: an ES module is hooked by the name that it is imported by.
import * as exported from 'pg-boss';
import { run } from './scenarios.cjs';

await run(exported.PgBoss ?? exported.default);
