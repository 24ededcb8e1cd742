// Usage: node --require @sietch/otel/register pools.mjs postgres://…
import postgres from 'postgres';
import { run } from './pools.cjs';

await run(postgres);
