// Usage: DATABASE_URL=postgres://… node --require @sietch/otel/register jobs.cjs, copied beside the node_modules that holds pg-boss
const { run } = require('./scenarios.cjs');

const exported = require('pg-boss');
void run(exported.PgBoss ?? exported);
